/** What every resource of a stage is told by the app's settings, whoever declared it. */

import * as pulumi from "@pulumi/pulumi";

export type Removal = "retain" | "remove";

/** What holds data that nobody can make again. */
const STATEFUL = new Set([
  "aws:s3/bucket:Bucket",
  "aws:s3/bucketV2:BucketV2",
  // A bucket that stays keeps what protects it.
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  "aws:s3/bucketVersioning:BucketVersioning",
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
  "aws:dynamodb/table:Table",
  "aws:rds/cluster:Cluster",
  "aws:rds/instance:Instance",
  "aws:efs/fileSystem:FileSystem",
  "aws:cognito/userPool:UserPool",
  "aws:kinesis/stream:Stream",
  "cloudflare:index/r2Bucket:R2Bucket",
  "cloudflare:index/d1Database:D1Database",
  "cloudflare:index/workersKvNamespace:WorkersKvNamespace",
]);

export interface Safeguards {
  /** What becomes of data when its resource is no longer declared, or the stage removed. */
  readonly removal: Removal;
  /** Nothing of the stage may be deleted or replaced. */
  readonly protect: boolean;
  /** Nothing is registered before it resolves. */
  readonly ready: Promise<unknown>;
}

/** To be called in the program, before it declares anything. */
export function safeguard({ removal, protect, ready }: Safeguards): void {
  pulumi.runtime.registerResourceTransform(async ({ type, props, opts, custom }) => {
    if (!pulumi.runtime.isDryRun()) await ready;
    const stateful = custom && STATEFUL.has(type);
    const retained = stateful && removal === "retain";
    const emptied = custom && removal === "remove" && BUCKET.test(type);
    if (!retained && !emptied && !(custom && protect)) return undefined;
    // The SDK hands options that were not given on as false, so what was given cannot be told from it.
    return {
      // A bucket is not deleted while anything is in it, unless it is told to.
      props: emptied ? { ...props, forceDestroy: true } : props,
      opts: {
        ...opts,
        ...(retained ? { retainOnDelete: true } : {}),
        ...(protect ? { protect: true } : {}),
      },
    };
  });
}

const BUCKET = /^aws:s3\/bucket(V2)?:/;
