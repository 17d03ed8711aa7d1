import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { AppFolder } from "./app-folder.ts";
import { processesIn } from "./inspect.ts";
import { example, textAt, told } from "./worker-apps.ts";

/** Well above what an edit takes on a machine that has nothing else to do; see the README. */
const SOON = 2500;

test("dev follows an edit soon, logs with the user's lines, and finds its data again", {
  timeout: 300_000,
}, async () => {
  await using app = example("cloudflare-worker");
  const dev = app.start(["dev", "--stage", "t"]);
  const url = await told(dev, "url");
  await dev.line(/watching/);
  await fetch(new URL("/sessions/1", url), { method: "PUT", body: "kept" });
  expect(await textAt(url, "/visits")).toBe('{"visits":1}');

  const source = readFileSync(join(app.dir, "src/tides.ts"), "utf8");
  app.write({
    "src/tides.ts": source.replace(
      "at(hour: number): string {",
      'at(hour: number): string {\nconsole.warn("asked");\nif (hour > 23) throw new TypeError("no such hour");',
    ),
  });
  await dev.line(/new code for Tides/);
  expect(await textAt(url, "/tide?hour=1")).toContain("high water");
  await dev.line(/^Tides +asked/);
  expect((await fetch(new URL("/tide?hour=99", url))).status).toBe(500);
  await dev.line(/^Tides +TypeError: no such hour/);
  await dev.line(/src\/tides\.ts:\d+:\d+/);

  app.write({ "src/tides.ts": "export default {" });
  await dev.line(/Tides: src\/tides\.ts:1/);
  expect(await textAt(url, "/sessions/1")).toBe('{"session":"kept"}');
  app.write({ "src/tides.ts": source });

  const took: number[] = [];
  for (const round of [1, 2, 3, 4, 5]) took.push(await untilAnswer(app, url, `edit ${round}`));
  expect(Math.min(...took), `edits took ${took.map(Math.round).join(", ")} ms`).toBeLessThan(SOON);

  dev.process.kill("SIGINT");
  expect(await dev.finished).toMatchObject({ code: 0 });
  expect(processesIn(app.dir)).toEqual([]);

  const again = app.start(["dev", "--stage", "t"]);
  expect(await told(again, "url")).toBe(url);
  expect(await textAt(url, "/sessions/1")).toBe('{"session":"kept"}');
  expect(await textAt(url, "/visits")).toBe('{"visits":2}');
  again.process.kill("SIGINT");
  await again.finished;
});

/** Milliseconds from saving a Worker that answers so to that answer. */
async function untilAnswer(app: AppFolder, url: string, answer: string): Promise<number> {
  const file = "src/harbour.ts";
  const edited = readFileSync(join(app.dir, file), "utf8").replace(
    /default:\n(?:.*edit \d.*\n)?/,
    `default:\n        if (resource === "edit") return new Response("${answer}");\n`,
  );
  const saved = performance.now();
  app.write({ [file]: edited });
  await expect.poll(() => textAt(url, "/edit").catch(String), { interval: 2, timeout: 30_000 }).toBe(answer);
  return performance.now() - saved;
}
