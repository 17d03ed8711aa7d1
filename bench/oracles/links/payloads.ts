/** Random sets of links, written as a deployment writes them, read with both runtime SDKs of ours. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { type LinkSet, linkSets } from "../../../packages/bowline/src/resource/link-sets.fixture.ts";
import { readLinks } from "../../../packages/bowline/src/resource/links.ts";
import { createResource } from "../../../packages/bowline/src/resource/resource.ts";
import { caseCount, report } from "../lane.ts";
import { python } from "../moto.ts";

const script = fileURLToPath(new URL("../../../packages/python/tests/read_environments.py", import.meta.url));
/** So many encrypted files lie on the disk at once. */
const batch = 1_000;

export async function comparePayloads(): Promise<void> {
  const count = caseCount(20_000);
  const wrong = { "the TypeScript SDK": 0, "the Python SDK": 0 };
  const child = spawn(python, ["-B", script], {
    env: { ...process.env, PYTHONUTF8: "1" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = linesOf(child.stdout.setEncoding("utf8"));
  for (let done = 0; done < count; done += batch) {
    const folder = mkdtempSync(join(tmpdir(), "bowline-payloads-"));
    const sets = [...linkSets(done + 1, Math.min(batch, count - done), folder)];
    child.stdin.write(sets.map(({ env }) => `${JSON.stringify(env)}\n`).join(""));
    for (const set of sets) {
      const typescript = { ...createResource(() => readLinks(set.env)) };
      wrong["the TypeScript SDK"] += judge("TypeScript", set, JSON.parse(JSON.stringify(typescript)));
      const { value: line } = await lines.next();
      if (line === undefined) throw new Error("The Python SDK ended before it had read everything.");
      wrong["the Python SDK"] += judge("Python", set, JSON.parse(line));
    }
    rmSync(folder, { recursive: true });
  }
  child.stdin.end();
  await once(child, "exit");
  for (const [sdk, unexplained] of Object.entries(wrong)) {
    console.log(`${sdk}: ${count - unexplained} of ${count} sets of links arrive as they were`);
    report({ part: `payloads, ${sdk}`, cases: count, explained: 0, unexplained });
  }
}

/** Ended by line feeds alone: node:readline also ends them at separators that the links have in their texts. */
async function* linesOf(stream: AsyncIterable<string>): AsyncGenerator<string, undefined> {
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

let shown = 0;

function judge(sdk: string, { links }: LinkSet, read: unknown): 0 | 1 {
  if (isDeepStrictEqual(read, links)) return 0;
  if (shown++ < 5) console.log(`${sdk} reads ${JSON.stringify(read)}, not ${JSON.stringify(links)}`);
  return 1;
}
