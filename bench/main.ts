/** `npm run bench [-- engine | cloud | lambda | resource]`: measures, side by side, and prints tables of medians. */
import { cpus } from "node:os";

const BENCHES: Readonly<Record<string, () => Promise<void>>> = {
  async engine() {
    const { benchEngine } = await import("./engine.ts");
    console.table(await benchEngine([10, 1000], 3));
  },
  async cloud() {
    const { benchCloud, benchStart } = await import("./cloud.ts");
    console.table(await benchCloud());
    console.log(`start of the process to the first answered call: ${Math.round(await benchStart())} ms`);
  },
  async lambda() {
    const { benchLambda } = await import("./lambda.ts");
    console.table(await benchLambda());
  },
  async resource() {
    const { benchResource, resourceBundleSizes } = await import("./resource.ts");
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
