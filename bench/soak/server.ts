/** The program that is killed: a local cloud on the folder and port it is given. */
import { startCloud } from "@bowline/cloud";

const [dir = "", port = "0"] = process.argv.slice(2);
const cloud = await startCloud({ dir, port: Number(port), retryDelays: [200, 400] });
const { credentials, region } = cloud;
process.stdout.write(`${JSON.stringify({ port: cloud.port, region, credentials })}\n`);
process.stdin.on("end", () => process.exit()).resume();
