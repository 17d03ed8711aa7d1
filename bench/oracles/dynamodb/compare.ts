/**
 * Puts the same random items, conditions, updates and queries to the local cloud and to an oracle:
 * `node compare.ts [cases of each kind] [seed] [dynalite | moto]`; without arguments, many to dynalite and some to moto.
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { startTestCloud } from "../../../packages/cloud/src/testing.ts";
import { seeded } from "../iam/random.ts";
import { caseCount } from "../lane.ts";
import { compareConditions } from "./conditions.ts";
import { Judge } from "./judge.ts";
import { type OracleName, startOracle } from "./oracle.ts";
import { compareQueries } from "./queries.ts";
import { createTables } from "./table.ts";
import { compareUpdates } from "./updates.ts";
import { Source } from "./values.ts";

/** moto takes a hundred times as long as dynalite: it is asked less, and mostly what dynalite gets wrong. */
async function compareWith(oracleName: OracleName, cases: number, seed: number): Promise<void> {
  const wide = oracleName === "moto";
  await using cloud = await startTestCloud();
  await using oracle = await startOracle(oracleName);
  const ours = cloud.client(DynamoDBClient);
  const theirs = new DynamoDBClient({
    endpoint: oracle.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "x" },
    maxAttempts: 1,
  });
  const sides = { ours, theirs };
  const source = new Source(seeded(seed), wide);
  const judges = ["conditions", "updates", "queries"].map((kind) => new Judge(kind, oracleName));
  const [conditions, updates, queries] = judges as [Judge, Judge, Judge];
  try {
    await createTables(sides);
    const amount = wide ? { items: 4, casesPerItems: 5 } : { items: 25, casesPerItems: 100 };
    await compareConditions(sides, source, conditions, { cases, ...amount });
    await compareUpdates(sides, source, updates, cases);
    await compareQueries(sides, source, queries, { cases, items: wide ? 30 : 300 });
  } finally {
    ours.destroy();
    theirs.destroy();
  }
  for (const judge of judges) judge.finish();
  console.log(`seed ${seed}`);
}

const [cases, seed = "20261121", oracle] = process.argv.slice(2);
if (cases === undefined) {
  await compareWith("dynalite", caseCount(10_000), Number(seed));
  await compareWith("moto", caseCount(250), Number(seed));
} else {
  await compareWith(oracle === "moto" ? "moto" : "dynalite", Number(cases), Number(seed));
}
