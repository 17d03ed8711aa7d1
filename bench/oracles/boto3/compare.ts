/** Makes the same calls of S3, SQS, SNS and DynamoDB through boto3 to the local cloud and to moto, and compares. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { isDeepStrictEqual, promisify } from "node:util";
import { startTestCloud } from "../../../packages/cloud/src/testing.ts";
import { report } from "../lane.ts";
import { motoAccount, motoCredentials, python, startMoto } from "../moto.ts";
import { explain } from "./known-differences.ts";

/** What came of one call. */
export interface Outcome {
  readonly call: string;
  readonly status?: number;
  readonly error?: string;
  readonly answer?: Readonly<Record<string, unknown>>;
}

interface Endpoint {
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

async function play({ endpoint, credentials }: Endpoint): Promise<Outcome[]> {
  const { stdout } = await promisify(execFile)(python, ["-B", join(import.meta.dirname, "play.py")], {
    env: {
      PATH: process.env.PATH,
      ENDPOINT: endpoint,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
    maxBuffer: 1 << 26,
  });
  return JSON.parse(stdout) as Outcome[];
}

await using test = await startTestCloud({ accountId: motoAccount });
await using moto = await startMoto();
const [ours, theirs] = await Promise.all([
  play(test.cloud),
  play({ endpoint: moto.endpoint, credentials: motoCredentials }),
]);
if (ours.map(({ call }) => call).join() !== theirs.map(({ call }) => call).join()) {
  throw new Error("The two did not get the same calls: an answer that later calls build on differs.");
}

const explained = new Map<string, number>();
let unexplained = 0;
for (const [index, mine] of ours.entries()) {
  const other = theirs[index] as Outcome;
  if (isDeepStrictEqual(mine, other)) continue;
  const reason = explain(mine, other);
  if (reason) {
    explained.set(reason, (explained.get(reason) ?? 0) + 1);
    continue;
  }
  unexplained++;
  console.log(`call ${index + 1}\n  ours ${JSON.stringify(mine)}\n  moto ${JSON.stringify(other)}`);
}
console.log(`${ours.length} calls of S3, SQS, SNS and DynamoDB through boto3`);
for (const [reason, times] of explained) console.log(`${String(times).padStart(4)} differ: ${reason}`);
console.log(`${String(unexplained).padStart(4)} differ unexplained`);
report({ cases: ours.length, explained: [...explained.values()].reduce((a, b) => a + b, 0), unexplained });
