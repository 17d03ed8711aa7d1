/** Holds the local cloud and moto to the same points, side by side; a part of their names as argument picks some. */
import { startTestCloud } from "../../../packages/cloud/src/testing.ts";
import { report } from "../lane.ts";
import { motoAccount, motoCredentials, startMoto } from "../moto.ts";
import { type Check, type Cloud, connect } from "./check.ts";
import { tableChecks } from "./dynamodb.ts";
import { knownDifferences } from "./known-differences.ts";
import { bucketChecks } from "./s3-buckets.ts";
import { objectChecks } from "./s3-objects.ts";
import { topicChecks } from "./sns.ts";
import { queueChecks } from "./sqs.ts";

/** A check that waits for what never comes has failed. */
const patience = 30_000;
/** Many of them wait: for a delay, a long poll, or a message to come back. */
const atOnce = 6;

const suites: Readonly<Record<string, readonly Check[]>> = {
  S3: [...bucketChecks, ...objectChecks],
  SQS: queueChecks,
  SNS: topicChecks,
  DynamoDB: tableChecks,
};

/** What went wrong; nothing when the check passed. */
async function failureOf(check: Check, cloud: Cloud): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`nothing for ${patience / 1000} seconds`), patience);
  });
  const failed = check.run(cloud).then(
    () => undefined,
    (error: Error) => `${error.name}: ${error.message.split("\n")[0]}`,
  );
  return await Promise.race([failed, late]).finally(() => clearTimeout(timer));
}

async function failures(checks: readonly Check[], cloud: Cloud): Promise<Map<Check, string>> {
  const waiting = [...checks];
  const found = new Map<Check, string>();
  const work = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const failure = await failureOf(check, cloud);
      if (failure !== undefined) found.set(check, failure);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return found;
}

await using test = await startTestCloud({ accountId: motoAccount });
await using moto = await startMoto();
const ours = connect(test.cloud);
const theirs = connect({ endpoint: moto.endpoint, credentials: motoCredentials });
const wanted = process.argv[2] ?? "";

for (const [suite, all] of Object.entries(suites)) {
  const checks = all.filter(({ name }) => name.includes(wanted));
  const mine = await failures(checks, ours);
  const other = await failures(checks, theirs);
  let explained = 0;
  let unexplained = 0;
  for (const check of checks) {
    const [failure, motoFailure] = [mine.get(check), other.get(check)];
    if (failure === undefined && motoFailure === undefined) continue;
    const known = knownDifferences[check.name];
    const expected =
      (failure === undefined || known?.fails.includes("ours")) &&
      (motoFailure === undefined || known?.fails.includes("moto"));
    if (expected) explained++;
    else unexplained++;
    console.log(
      `${check.name}: ${expected ? known?.why : "UNEXPLAINED"}\n  ours ${failure ?? "passes"}\n  moto ${motoFailure ?? "passes"}`,
    );
  }
  console.log(
    `${suite}: ours ${checks.length - mine.size} of ${checks.length}, moto ${checks.length - other.size} of ${checks.length}`,
  );
  report({ part: suite, cases: checks.length, explained, unexplained });
}
// A check that was given up may hold a connection.
process.exit();
