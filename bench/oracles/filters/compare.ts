/** Compares our filter policies and event patterns with moto's, case by case: `node compare.ts [seed] [count of each]`. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { compilePattern, type Json } from "../../../packages/cloud/src/pattern/pattern.ts";
import { compileFilter } from "../../../packages/cloud/src/sns/filter.ts";
import { caseCount, report } from "../lane.ts";
import { python } from "../moto.ts";
import { type Case, cases } from "./cases.ts";
import { explain } from "./known-differences.ts";

const [seed = 1, count = caseCount(10_000)] = process.argv.slice(2).map(Number);

function ours(one: Case): boolean {
  if (one.kind === "event") return compilePattern(one.pattern)(one.event);
  const accepts = compileFilter(JSON.stringify(one.pattern), one.scope);
  const attributes = Object.entries(one.attributes).map(([name, { Type, Value }]) => [
    name,
    { DataType: Type, StringValue: Value },
  ]);
  return accepts({ attributes: Object.fromEntries(attributes), body: () => JSON.parse(one.message) as Json });
}

function valid(one: Case): boolean {
  try {
    ours(one);
    return true;
  } catch {
    // Too many keys or combinations: refused when it is set.
    return false;
  }
}

const candidates = cases(seed, count * 4).filter(valid);
const all = ["sns", "event"].flatMap((kind) => candidates.filter((one) => one.kind === kind).slice(0, count));
const run = spawnSync(python, [join(import.meta.dirname, "filters.py")], {
  input: JSON.stringify(all),
  maxBuffer: 1 << 28,
  encoding: "utf8",
});
if (run.status !== 0) {
  throw new Error(
    `${python} could not ask moto: run “npm run test:oracles”, which installs it.\n${run.stderr}`,
  );
}
const theirs = JSON.parse(run.stdout) as (boolean | string)[];

const explained = new Map<string, number>();
let unexplained = 0;
let matched = 0;
all.forEach((one, index) => {
  const mine = ours(one);
  if (mine) matched++;
  const other = theirs[index];
  if (mine === other) return;
  const reason = explain(one, mine, other);
  if (reason) {
    explained.set(reason, (explained.get(reason) ?? 0) + 1);
    return;
  }
  if (unexplained++ < 10) console.log(JSON.stringify({ ours: mine, moto: other, ...one }));
});

const events = all.filter(({ kind }) => kind === "event").length;
console.log(
  `${events} event patterns, ${all.length - events} filter policies (seed ${seed}); ${matched} match.`,
);
for (const [reason, times] of explained) console.log(`${String(times).padStart(6)} differ: ${reason}`);
console.log(`${String(unexplained).padStart(6)} differ unexplained`);
report({ cases: all.length, explained: [...explained.values()].reduce((a, b) => a + b, 0), unexplained });
