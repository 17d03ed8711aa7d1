/** A bucket's settings: documents that are checked, kept and given back. One table; `setting-rules.ts` checks. */
import { AwsError } from "../error.ts";
import { childOf, flat, parseXml, type XmlElement, type XmlValue, xml } from "../protocol/rest-xml.ts";
import type { Operation } from "../service.ts";
import { bucketAccess } from "./access.ts";
import type { SettingName } from "./bucket-store.ts";
import type { S3Context } from "./context.ts";
import { malformedXml } from "./errors.ts";
import { readDocument, s3Operation } from "./input.ts";
import { noContent } from "./protocol.ts";
import * as rules from "./setting-rules.ts";

interface Setting {
  readonly name: SettingName;
  /** The operations' names are `Get…`, `Put…` and `Delete…` of this. */
  readonly operation: string;
  readonly delete?: string;
  /** The root element. */
  readonly root: string;
  readonly actions: { readonly get: string; readonly put: string; readonly delete?: string };
  /** What a bucket without it answers: an error, or a document. */
  readonly missing: { readonly code: string; readonly message: string } | { readonly document: unknown };
  /** Sent with the document. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Fails where the document makes no sense; gives what is to be kept. */
  check(document: XmlElement, s3: S3Context): XmlElement;
}

const settings: readonly Setting[] = [
  {
    name: "cors",
    operation: "BucketCors",
    delete: "DeleteBucketCors",
    root: "CORSConfiguration",
    actions: { get: "GetBucketCORS", put: "PutBucketCORS" },
    missing: { code: "NoSuchCORSConfiguration", message: "The CORS configuration does not exist" },
    check: rules.checkCors,
  },
  {
    name: "lifecycle",
    operation: "BucketLifecycleConfiguration",
    delete: "DeleteBucketLifecycle",
    root: "LifecycleConfiguration",
    actions: { get: "GetLifecycleConfiguration", put: "PutLifecycleConfiguration" },
    missing: {
      code: "NoSuchLifecycleConfiguration",
      message: "The lifecycle configuration does not exist",
    },
    headers: { "x-amz-transition-default-minimum-object-size": "all_storage_classes_128K" },
    check: rules.checkLifecycle,
  },
  {
    name: "encryption",
    operation: "BucketEncryption",
    delete: "DeleteBucketEncryption",
    root: "ServerSideEncryptionConfiguration",
    actions: { get: "GetEncryptionConfiguration", put: "PutEncryptionConfiguration" },
    missing: {
      document: {
        Rule: {
          ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" },
          BucketKeyEnabled: false,
        },
      },
    },
    check: rules.checkEncryption,
  },
  {
    name: "website",
    operation: "BucketWebsite",
    delete: "DeleteBucketWebsite",
    root: "WebsiteConfiguration",
    actions: { get: "GetBucketWebsite", put: "PutBucketWebsite", delete: "DeleteBucketWebsite" },
    missing: {
      code: "NoSuchWebsiteConfiguration",
      message: "The specified bucket does not have a website configuration",
    },
    check: rules.checkWebsite,
  },
  {
    name: "ownershipControls",
    operation: "BucketOwnershipControls",
    delete: "DeleteBucketOwnershipControls",
    root: "OwnershipControls",
    actions: { get: "GetBucketOwnershipControls", put: "PutBucketOwnershipControls" },
    missing: {
      code: "OwnershipControlsNotFoundError",
      message: "The bucket ownership controls were not found",
    },
    check: rules.checkOwnership,
  },
  {
    name: "publicAccessBlock",
    operation: "PublicAccessBlock",
    delete: "DeletePublicAccessBlock",
    root: "PublicAccessBlockConfiguration",
    actions: { get: "GetBucketPublicAccessBlock", put: "PutBucketPublicAccessBlock" },
    missing: {
      code: "NoSuchPublicAccessBlockConfiguration",
      message: "The public access block configuration was not found",
    },
    check: rules.checkPublicAccessBlock,
  },
  {
    name: "logging",
    operation: "BucketLogging",
    root: "BucketLoggingStatus",
    actions: { get: "GetBucketLogging", put: "PutBucketLogging" },
    missing: { document: {} },
    check: rules.checkLogging,
  },
  {
    name: "accelerate",
    operation: "BucketAccelerateConfiguration",
    root: "AccelerateConfiguration",
    actions: { get: "GetAccelerateConfiguration", put: "PutAccelerateConfiguration" },
    missing: { document: {} },
    check: rules.checkAccelerate,
  },
  {
    name: "requestPayment",
    operation: "BucketRequestPayment",
    root: "RequestPaymentConfiguration",
    actions: { get: "GetBucketRequestPayment", put: "PutBucketRequestPayment" },
    missing: { document: { Payer: "BucketOwner" } },
    check: rules.checkRequestPayment,
  },
];

const xmlns = "http://s3.amazonaws.com/doc/2006-03-01/";

/** A parsed document as one to be written: lists are repeated elements. */
function writable(value: XmlValue): unknown {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return flat(value.map(writable));
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, writable(member)]));
}

/** What a bucket is made with: nothing public, no ACLs. */
export const initialSettings: Readonly<Partial<Record<SettingName, string>>> = {
  publicAccessBlock: xml(
    "PublicAccessBlockConfiguration",
    {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    },
    { xmlns },
  ),
  ownershipControls: xml(
    "OwnershipControls",
    { Rule: { ObjectOwnership: "BucketOwnerEnforced" } },
    { xmlns },
  ),
};

function operationsOf(setting: Setting, s3: S3Context): Record<string, Operation> {
  const { name, root, actions, missing } = setting;
  const { buckets } = s3;
  const operations: Record<string, Operation> = {
    [`Get${setting.operation}`]: s3Operation({
      access: bucketAccess(`s3:${actions.get}`),
      run({ bucket }) {
        const kept = buckets.need(bucket).settings.get(name);
        if (kept !== undefined) return { status: 200, headers: setting.headers, body: kept };
        if ("code" in missing) throw new AwsError(missing.code, missing.message, 404, { BucketName: bucket });
        return { status: 200, body: xml(root, missing.document, { xmlns }) };
      },
    }),
    [`Put${setting.operation}`]: s3Operation({
      access: bucketAccess(`s3:${actions.put}`),
      async run(input) {
        const bucket = buckets.need(input.bucket);
        const given = childOf(parseXml(await readDocument(input)), root);
        if (given === undefined) throw malformedXml();
        const kept = setting.check(given, s3);
        buckets.setSetting(bucket, name, xml(root, writable(kept), { xmlns }));
        return { status: 200, headers: setting.headers };
      },
    }),
  };
  if (setting.delete !== undefined) {
    operations[setting.delete] = s3Operation({
      access: bucketAccess(`s3:${actions.delete ?? actions.put}`),
      run({ bucket }) {
        buckets.setSetting(buckets.need(bucket), name, undefined);
        return noContent;
      },
    });
  }
  return operations;
}

export function settingOperations(s3: S3Context): Record<string, Operation> {
  return Object.assign({}, ...settings.map((setting) => operationsOf(setting, s3)));
}
