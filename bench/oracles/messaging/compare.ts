/** Makes the same SQS and SNS calls to the local cloud and to moto, and compares every answer. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { startTestCloud } from "../../../packages/cloud/src/testing.ts";
import { report } from "../lane.ts";
import { motoAccount, motoCredentials, startMoto } from "../moto.ts";
import { type Script, scripts } from "./calls.ts";
import { explain } from "./known-differences.ts";
import { normalise, type Outcome } from "./normalise.ts";

// The SDKs are installed for the package that is tested.
const require = createRequire(join(import.meta.dirname, "../../../packages/cloud/package.json"));
type Sdk = Record<string, new (options: object) => { send(command: unknown): Promise<object> }>;
const sdks: Record<"sqs" | "sns", Sdk> = {
  sqs: require("@aws-sdk/client-sqs") as Sdk,
  sns: require("@aws-sdk/client-sns") as Sdk,
};

function classOf(service: "sqs" | "sns", name: string) {
  const found = sdks[service][name];
  if (!found) throw new Error(`The SDK of ${service} has no ${name}.`);
  return found;
}

interface Endpoint {
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

async function play(script: Script, { endpoint, credentials }: Endpoint): Promise<Outcome[]> {
  const options = { endpoint, region: "us-east-1", credentials, maxAttempts: 1 };
  const clients = {
    sqs: new (classOf("sqs", "SQSClient"))(options),
    sns: new (classOf("sns", "SNSClient"))(options),
  };
  const outcomes: Outcome[] = [];
  const seen: Record<string, unknown> = {};
  for (const { service, operation, input, keep } of script.calls) {
    const Command = classOf(service, `${operation}Command`);
    const given = typeof input === "function" ? input(seen) : input;
    try {
      const answer = await clients[service].send(new Command(given));
      if (keep) seen[keep] = answer;
      outcomes.push({ operation, answer: normalise(answer) });
    } catch (error) {
      const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
      outcomes.push({ operation, error: name, status: $metadata?.httpStatusCode });
    }
  }
  return outcomes;
}

await using test = await startTestCloud({ accountId: motoAccount });
await using moto = await startMoto();
const theirs = { endpoint: moto.endpoint, credentials: motoCredentials };
let calls = 0;
let unexplained = 0;
const explained = new Map<string, number>();
for (const script of scripts) {
  const [ours, other] = await Promise.all([play(script, test.cloud), play(script, theirs)]);
  calls += ours.length;
  ours.forEach((mine, index) => {
    const answer = other[index];
    if (JSON.stringify(mine) === JSON.stringify(answer)) return;
    const reason = answer && explain(mine, answer);
    if (reason) {
      explained.set(reason, (explained.get(reason) ?? 0) + 1);
      return;
    }
    unexplained++;
    console.log(
      `${script.name}, call ${index + 1}\n  ours ${JSON.stringify(mine)}\n  moto ${JSON.stringify(answer)}`,
    );
  });
}
console.log(`${calls} calls of SQS and SNS`);
for (const [reason, times] of explained) console.log(`${String(times).padStart(4)} differ: ${reason}`);
console.log(`${String(unexplained).padStart(4)} differ unexplained`);
report({ cases: calls, explained: [...explained.values()].reduce((a, b) => a + b, 0), unexplained });
