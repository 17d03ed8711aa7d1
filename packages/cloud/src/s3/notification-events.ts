/** The messages S3 sends, in AWS's shapes. */
import type { Hub } from "../service.ts";
import type { ObjectEvent, Occasion } from "./context.ts";
import { bucketArn } from "./input.ts";
import { ownerOf } from "./owner.ts";

/** Keys travel in messages as in a form: spaces are plus signs. */
const formEncoded = (key: string) =>
  encodeURIComponent(key)
    .replace(/%2F/g, "/")
    .replace(/%20/g, "+")
    .replace(/[!'()]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

let previous = 0;

/** Grows with every event, so that two events of a key can be ordered. */
function sequencer(time: number): string {
  previous = Math.max(previous + 1, time * 4096);
  return previous.toString(16).toUpperCase().padStart(18, "0");
}

/** What queues, topics and functions get. */
export function recordMessage(
  hub: Pick<Hub, "region" | "accountId">,
  bucket: string,
  event: ObjectEvent,
  occasion: Occasion,
  configurationId: string,
): unknown {
  return {
    Records: [
      {
        eventVersion: "2.1",
        eventSource: "aws:s3",
        awsRegion: hub.region,
        eventTime: new Date(occasion.time).toISOString(),
        eventName: event.name,
        userIdentity: { principalId: occasion.principal },
        requestParameters: { sourceIPAddress: occasion.sourceIp },
        responseElements: { "x-amz-request-id": occasion.requestId, "x-amz-id-2": occasion.requestId },
        s3: {
          s3SchemaVersion: "1.0",
          configurationId,
          bucket: {
            name: bucket,
            ownerIdentity: { principalId: ownerOf(hub.accountId).ID },
            arn: bucketArn(bucket),
          },
          object: {
            key: formEncoded(event.key),
            size: event.size,
            eTag: event.etag,
            versionId: event.versionId,
            sequencer: sequencer(occasion.time),
          },
        },
      },
    ],
  };
}

const detailTypes: Readonly<Record<string, string>> = {
  ObjectCreated: "Object Created",
  ObjectRemoved: "Object Deleted",
  "ObjectTagging:Put": "Object Tags Added",
  "ObjectTagging:Delete": "Object Tags Deleted",
};

const reasons: Readonly<Record<string, string>> = {
  "ObjectCreated:Put": "PutObject",
  "ObjectCreated:Post": "POST Object",
  "ObjectCreated:Copy": "CopyObject",
  "ObjectCreated:CompleteMultipartUpload": "CompleteMultipartUpload",
  "ObjectRemoved:Delete": "DeleteObject",
  "ObjectRemoved:DeleteMarkerCreated": "DeleteObject",
};

/** What EventBridge gets: an entry of PutEvents. */
export function bridgeEntry(
  hub: Pick<Hub, "accountId">,
  bucket: string,
  event: ObjectEvent,
  occasion: Occasion,
): unknown {
  const [family = ""] = event.name.split(":");
  return {
    Time: new Date(occasion.time).toISOString(),
    Source: "aws.s3",
    Resources: [bucketArn(bucket)],
    DetailType: detailTypes[event.name] ?? detailTypes[family] ?? event.name,
    Detail: JSON.stringify({
      version: "0",
      bucket: { name: bucket },
      object: {
        key: event.key,
        size: event.size,
        etag: event.etag,
        "version-id": event.versionId,
        sequencer: sequencer(occasion.time),
      },
      "request-id": occasion.requestId,
      requester: hub.accountId,
      "source-ip-address": occasion.sourceIp,
      reason: reasons[event.name],
      ...(family === "ObjectRemoved"
        ? {
            "deletion-type": event.name.endsWith("MarkerCreated")
              ? "Delete Marker Created"
              : "Permanently Deleted",
          }
        : undefined),
    }),
  };
}

/** What a queue or topic gets when it is made a destination. */
export function testMessage(bucket: string, occasion: Occasion): unknown {
  return {
    Service: "Amazon S3",
    Event: "s3:TestEvent",
    Time: new Date(occasion.time).toISOString(),
    Bucket: bucket,
    RequestId: occasion.requestId,
    HostId: occasion.requestId,
  };
}
