/** `npm run test:soak [-- SECONDS] [--seed NUMBER]`: mixed load on a cloud that is killed again and again. */
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { median } from "./samples.ts";
import { soak } from "./soak.ts";

const { values, positionals } = parseArgs({ allowPositionals: true, options: { seed: { type: "string" } } });
const seconds = Number(positionals[0] ?? 60);
const seed = Number(values.seed ?? randomInt(1_000_000));
if (!Number.isFinite(seconds) || seconds < 10 || !Number.isInteger(seed)) {
  console.error("Give the seconds (at least 10) and, if you like, a seed: npm run test:soak -- 60 --seed 7");
  process.exit(2);
}
// Whatever hangs, the soak does not. The cloud ends with this process.
setTimeout(
  () => {
    console.error(`The soak did not end in time. Again: npm run test:soak -- ${seconds} --seed ${seed}`);
    process.exit(1);
  },
  (seconds + 300) * 1000,
).unref();

console.log(`Soak of ${seconds} s with seed ${seed}`);
const { ledger, kills, starts, lingered, samples } = await soak(seconds, seed);

const rows = [...ledger.counts].flatMap(([load, counts]) =>
  [...counts].map(([what, count]) => ({ load, what, count })),
);
console.table(rows.sort((a, b) => a.load.localeCompare(b.load)));
console.table(samples);
const ms = (values: readonly number[]) =>
  `median ${Math.round(median(values))} ms, at most ${Math.round(Math.max(...values))} ms`;
console.log(`${kills} kills; start of the process to its first answer: ${ms(starts)}`);
console.log(`processes of functions gone after a kill: ${ms(lingered)}`);
const [first] = ledger.violations;
if (first) {
  console.log(`${ledger.violations.length} violations. The first, after ${first.at.toFixed(1)} s:`);
  console.log(`  ${first.load}: ${first.what}`);
  console.log(`Again: npm run test:soak -- ${seconds} --seed ${seed}`);
} else console.log("No violation: nothing lost, nothing torn, nothing delivered after its deletion.");
process.exit(first ? 1 : 0);
