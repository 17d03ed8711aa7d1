/** `npm run bench [-- engine | cloud | lambda | resource]`: measures, side by side, and prints tables of medians. */
import { cpus } from "node:os";
import { benchCloud, benchStart } from "./cloud.ts";
import { benchEngine } from "./engine.ts";
import { benchLambda } from "./lambda.ts";
import { benchResource, resourceBundleSizes } from "./resource.ts";

const BENCHES: Readonly<Record<string, () => Promise<void>>> = {
  async engine() {
    console.table(await benchEngine([10, 1000], 3));
  },
  async cloud() {
    console.table(await benchCloud());
    console.log(`start of the process to the first answered call: ${Math.round(await benchStart())} ms`);
  },
  async lambda() {
    console.table(await benchLambda());
  },
  async resource() {
    console.table(await benchResource());
    console.table(await resourceBundleSizes());
  },
};

const asked = process.argv.slice(2);
const unknown = asked.find((name) => !Object.hasOwn(BENCHES, name));
if (unknown !== undefined) {
  console.error(`There is no bench "${unknown}". There are ${Object.keys(BENCHES).join(", ")}.`);
  process.exitCode = 2;
} else {
  console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, ${process.platform}`);
  for (const name of asked.length > 0 ? asked : Object.keys(BENCHES)) {
    console.log(`\n${name}`);
    await BENCHES[name]?.();
  }
}
