import { expect, test } from "vitest";
import { appFolder } from "./app-folder.ts";
import { answering, config } from "./worker-apps.ts";

const WORKER = 'new cloudflare.Worker("Api", { handler: "src/api.ts", url: true });';

test.each<[name: string, files: Record<string, string>, messages: readonly string[], code: number]>([
  [
    "a link that the Worker does not have, read from env and from Resource",
    {
      "bowline.config.ts": config(`new cloudflare.Kv("Store"); ${WORKER}`),
      "src/api.ts": `import { Resource } from "bowline";\n${answering("return new Response(await env.Store.get('a') + Resource.Store.id);")}`,
    },
    ["src/api.ts:2:", "Api reads env.Store, but is not linked to it", "Api reads Resource.Store"],
    2,
  ],
  [
    "what is thrown when it starts, with the user's own line",
    {
      "bowline.config.ts": config(WORKER),
      "src/api.ts": `const rope: string[] = [];\nrope[0].length;\n${answering("return new Response();")}`,
    },
    ["Api does not start: Uncaught TypeError", "src/api.ts:2:"],
    1,
  ],
])("%s is told", { timeout: 120_000 }, async (_name, files, messages, code) => {
  await using app = appFolder(files);
  const finished = await app.bowline("deploy", "--stage", "t");
  for (const message of messages) expect(finished.stderr).toContain(message);
  expect(finished.code).toBe(code);
});

test("without miniflare it is told how to install it", { timeout: 120_000 }, async () => {
  await using app = appFolder({ "bowline.config.ts": config(WORKER), "src/api.ts": answering("") });
  const finished = await app.start(["deploy", "--stage", "t"], { BOWLINE_MINIFLARE: "not-there" }).finished;
  expect(finished.stderr).toContain("miniflare, which runs them here, is not installed");
  expect(finished.stderr).toContain("npm install --save-dev miniflare@4");
  expect(finished.code).toBe(2);
});
