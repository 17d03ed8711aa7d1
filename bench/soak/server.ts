/** The program that is killed: a local cloud on the folder and port it is given. */
import { startCloud } from "@bowline/cloud";

const [dir = "", port = "0"] = process.argv.slice(2);
const cloud = await startCloud({ dir, port: Number(port), retryDelays: [200, 400] });
const { credentials, region } = cloud;
process.stdout.write(`${JSON.stringify({ port: cloud.port, region, credentials })}\n`);
// What is left after a collection is what is kept: memory as such moves with the machine's leisure to collect.
setInterval(() => {
  globalThis.gc?.();
  process.stdout.write(`${process.memoryUsage().heapUsed / 1024 ** 2}\n`);
}, 5000).unref();
process.stdin.on("end", () => process.exit()).resume();
