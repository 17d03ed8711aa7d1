/** Asks the local cloud and moto the same, call by call, and prints where their answers differ. */
import { isDeepStrictEqual } from "node:util";
import { S3 } from "@aws-sdk/client-s3";
import { startTestCloud } from "../../../packages/cloud/src/testing.ts";
import { report } from "../lane.ts";
import { motoCredentials, startMoto } from "../moto.ts";
import { knownDifferences, membersMotoLacks } from "./known-differences.ts";
import { conversation, type Memory } from "./steps.ts";

/** An answer without what may differ: times, ids, and names of ours or theirs. */
function comparable(value: unknown): unknown {
  if (value instanceof Date) return "a date";
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== "object" || value === null) return value;
  const result: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined || ignored.has(name)) continue;
    result[name] = opaque.has(name) && member !== "null" && member !== "" ? "opaque" : comparable(member);
  }
  return result;
}

const ignored = new Set([
  ...membersMotoLacks,
  "$metadata",
  "Owner",
  "Initiator",
  "Grants",
  "RequestId",
  "HostId",
  "Resource",
  "Message",
  "message",
]);
const opaque = new Set([
  "VersionId",
  "NextVersionIdMarker",
  "UploadId",
  "NextUploadIdMarker",
  "ContinuationToken",
  "NextContinuationToken",
  "DeleteMarkerVersionId",
  "CopySourceVersionId",
  "Location",
]);

async function ask(s3: S3): Promise<unknown[]> {
  const memory: Memory = { uploads: new Map(), etags: new Map(), versions: new Map(), tokens: new Map() };
  const answers: unknown[] = [];
  for (const [, call] of conversation) {
    answers.push(
      await call(s3, memory).then(
        (answer) => ({
          status: (answer as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode,
          ...(comparable(answer) as object),
        }),
        (error) => ({ error: error.name, status: error.$metadata?.httpStatusCode }),
      ),
    );
  }
  return answers;
}

const brief = (value: unknown) => JSON.stringify(value).slice(0, 700);

const options = { region: "us-east-1", forcePathStyle: true, maxAttempts: 1 } as const;
await using moto = await startMoto();
await using test = await startTestCloud();
const { endpoint, credentials } = test.cloud;
const theirs = await ask(new S3({ ...options, endpoint: moto.endpoint, credentials: motoCredentials }));
const ours = await ask(new S3({ ...options, endpoint, credentials }));

let unexplained = 0;
let same = 0;
const explained = new Set<string>();
conversation.forEach(([name], index) => {
  if (isDeepStrictEqual(ours[index], theirs[index])) {
    same++;
    return;
  }
  if (knownDifferences[name] !== undefined) {
    explained.add(name);
    return;
  }
  unexplained++;
  console.log(`${name}\n  ours ${brief(ours[index])}\n  moto ${brief(theirs[index])}`);
});
const stale = Object.keys(knownDifferences).filter((name) => !explained.has(name));
if (stale.length > 0) console.log(`No longer different: ${stale.join(", ")}`);
console.log(
  `${conversation.length} calls: ${same} the same, ${explained.size} explained, ${unexplained} not`,
);
report({ cases: conversation.length, explained: explained.size, unexplained });
