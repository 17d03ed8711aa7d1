/** Apps with Workers, and how to ask them. */
import { cpSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { type AppFolder, appFolder, type Started } from "./app-folder.ts";
import { typeErrors } from "./inspect.ts";

const EXAMPLES = fileURLToPath(new URL("../../../../../examples", import.meta.url));

/** A copy of an example, without what was made of it. */
export function example(name: string): AppFolder {
  const app = appFolder({});
  for (const file of readdirSync(join(EXAMPLES, name)).filter((file) => !file.startsWith("."))) {
    if (file === "node_modules" || file === "bowline-env.d.ts") continue;
    cpSync(join(EXAMPLES, name, file), join(app.dir, file), { recursive: true });
  }
  return app;
}

/** The generated types are those in the repository, and the code holds them. */
export async function expectTypes(app: AppFolder, name: string): Promise<void> {
  expect(await app.bowline("types", "--stage", "t")).toMatchObject({ code: 0 });
  expect(readFileSync(join(app.dir, "bowline-env.d.ts"), "utf8")).toBe(
    readFileSync(join(EXAMPLES, name, "bowline-env.d.ts"), "utf8"),
  );
  expect(typeErrors(app)).toEqual([]);
}

/** A config that declares this. */
export const config = (body: string) => `
  import { aws, cloudflare, defineConfig, environment, Linkable, Secret } from "bowline/config";
  export default defineConfig({
    app: () => ({ name: "shop" }),
    run() {
      ${body}
    },
  });`;

/** A Worker that answers so. */
export const answering = (line: string) => `export default { async fetch(request, env) { ${line} } };`;

/** What a Worker answers; the connection ends with it, as its runtime may. */
export async function textAt(url: string, path = "/"): Promise<string> {
  return (await fetch(new URL(path, url), { headers: { connection: "close" } })).text();
}

/** The URL that `dev` or `deploy` tells under a name. */
export async function told(started: Started, name: string): Promise<string> {
  return (await started.line(new RegExp(`^\\s+${name}:`))).split(`${name}:`)[1]?.trim() ?? "";
}
