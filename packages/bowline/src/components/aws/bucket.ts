import * as aws from "@pulumi/aws";
import type { ComponentResourceOptions, Input, Output } from "@pulumi/pulumi";
import { BowlineError } from "../../error.ts";
import type { Access } from "../../link/grant.ts";
import type { Link } from "../../link/link.ts";
import { Component, type Transform, transformed } from "../component.ts";
import { type BucketNotifications, type BucketNotificationsArgs, notifyOf } from "./bucket-notification.ts";

export interface BucketArgs {
  /** Keeps every version of an object. Default `false`. */
  readonly versioning?: boolean;
  /** Who may read objects without credentials. Default: nobody. */
  readonly access?: "public";
  /** Which browsers may call it. Default: any origin, for signed requests. `false` for none. */
  readonly cors?: false | BucketCors;
  readonly transform?: {
    readonly bucket?: Transform<aws.s3.BucketArgs>;
  };
}

export interface BucketCors {
  readonly allowHeaders?: readonly Input<string>[];
  readonly allowMethods?: readonly ("GET" | "PUT" | "POST" | "HEAD" | "DELETE")[];
  readonly allowOrigins?: readonly Input<string>[];
  readonly exposeHeaders?: readonly Input<string>[];
  /** In seconds. */
  readonly maxAge?: number;
}

const TYPE = "bowline:aws:Bucket";

/**
 * An S3 bucket, private unless told otherwise.
 *
 * @example
 * const uploads = new aws.Bucket("Uploads");
 * new aws.Function("Api", { handler: "src/api.handler", link: [uploads.link("read")] });
 */
export class Bucket extends Component {
  readonly nodes: { readonly bucket: aws.s3.Bucket };
  #notifies = false;

  constructor(name: string, args: BucketArgs = {}, options?: ComponentResourceOptions) {
    super(TYPE, name, options);
    const parent = { parent: this };
    const bucket = new aws.s3.Bucket(
      name,
      transformed(args.transform?.bucket, name, { forceDestroy: this.app.home === "local" }),
      parent,
    );
    this.nodes = { bucket };
    if (args.versioning) {
      new aws.s3.BucketVersioning(
        `${name}Versioning`,
        { bucket: bucket.bucket, versioningConfiguration: { status: "Enabled" } },
        parent,
      );
    }
    const open = args.access === "public";
    const block = new aws.s3.BucketPublicAccessBlock(
      `${name}PublicAccessBlock`,
      {
        bucket: bucket.bucket,
        blockPublicAcls: true,
        ignorePublicAcls: true,
        blockPublicPolicy: !open,
        restrictPublicBuckets: !open,
      },
      parent,
    );
    if (open) {
      new aws.s3.BucketPolicy(
        `${name}Policy`,
        { bucket: bucket.bucket, policy: bucket.arn.apply(publicReadPolicy) },
        { ...parent, dependsOn: [block] },
      );
    }
    if (args.cors !== false) {
      new aws.s3.BucketCorsConfiguration(
        `${name}Cors`,
        { bucket: bucket.bucket, corsRules: [corsRule(args.cors ?? {})] },
        parent,
      );
    }
    this.registerLinkable({ name: this.name, arn: this.arn });
  }

  /** The name S3 knows it by. */
  get name(): Output<string> {
    return this.nodes.bucket.bucket;
  }

  get arn(): Output<string> {
    return this.nodes.bucket.arn;
  }

  /** How a consumer may use it. Without an argument: `"read"` and `"write"`. */
  link(...access: Access<typeof TYPE>[]): Link<{ name: string; arn: string }> {
    return this.linkWith(TYPE, access, { name: this.name, arn: this.arn });
  }

  /**
   * Tells functions, queues and topics what happens to objects. All of them at once: a bucket has one list.
   *
   * @example
   * uploads.notify({
   *   notifications: [
   *     { name: "Resize", function: "src/resize.handler", events: ["s3:ObjectCreated:*"], filterSuffix: ".jpg" },
   *     { name: "Audit", queue: audit, events: ["s3:ObjectRemoved:*"] },
   *   ],
   * });
   */
  notify(args: BucketNotificationsArgs): BucketNotifications {
    if (this.#notifies) {
      throw new BowlineError(
        "notified-twice",
        `The bucket ${this.logicalName} has its notifications already.`,
        {
          hint: "A bucket has one list of them: give all to one call of notify.",
        },
      );
    }
    this.#notifies = true;
    return notifyOf(this.logicalName, this, args, { parent: this });
  }
}

function corsRule(cors: BucketCors) {
  return {
    allowedHeaders: [...(cors.allowHeaders ?? ["*"])],
    allowedMethods: [...(cors.allowMethods ?? ["GET", "PUT", "POST", "HEAD", "DELETE"])],
    allowedOrigins: [...(cors.allowOrigins ?? ["*"])],
    exposeHeaders: [...(cors.exposeHeaders ?? [])],
    ...(cors.maxAge === undefined ? {} : { maxAgeSeconds: cors.maxAge }),
  };
}

function publicReadPolicy(arn: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: `${arn}/*` }],
  });
}
