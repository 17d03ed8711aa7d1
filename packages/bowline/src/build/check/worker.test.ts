import { expect, test } from "vitest";
import { javascriptReads } from "./javascript.ts";

async function reads(text: string): Promise<string[]> {
  const { links, unverifiable } = await javascriptReads([{ path: "src/worker.ts", text }], true);
  return [
    ...links.map(
      ({ link, property, via }) => `${via ?? "Resource"}.${link}${property ? `.${property}` : ""}`,
    ),
    ...unverifiable.map(({ code }) => `!${code}`),
  ];
}

test.each<[string, string, string[]]>([
  [
    "a handler's env",
    "export default { async fetch(request, env) { return env.A.get('x'); } };",
    ["env.A", "env.A.get"],
  ],
  ["an arrow's", "export default { queue: (batch, env) => env.A };", ["env.A"]],
  [
    "one taken apart",
    "export default { scheduled(event, { A, B: { name } }) { use(A, name); } };",
    ["env.A", "env.B", "env.B.name"],
  ],
  [
    "under another name",
    "export default { fetch(request, bindings) { const { A } = bindings; return A.x; } };",
    ["env.A", "env.A.x"],
  ],
  [
    "a class's",
    "export class Room extends DurableObject { join() { return this.env.A.name; } }",
    ["env.A", "env.A.name"],
  ],
  [
    "a constructor's",
    "class Room extends Base { constructor(ctx, env) { super(ctx, env); use(env.A); } }",
    ["env.A"],
  ],
  ["the runtime's", 'import { env } from "cloudflare:workers";\nuse(env.A.name);', ["env.A", "env.A.name"]],
  ["Resource as well", 'import { Resource } from "bowline";\nuse(Resource.A);', ["Resource.A"]],
  [
    "handed on, nobody can tell",
    "export default { fetch(request, env) { return app.fetch(request, env); } };",
    ["!app.fetch(request, env)"],
  ],
  ["but not what is called env elsewhere", "function read(env) { return env.A; }\nread(process.env);", []],
])("reads %s", async (_name, text, expected) => {
  expect(await reads(text)).toEqual(expected);
});

test("outside of a Worker, a second parameter and this.env are anything", async () => {
  const text =
    "export default { fetch(request, env) { return env.A; } };\nclass X { y() { return this.env.B; } }";
  const { links } = await javascriptReads([{ path: "src/api.ts", text }]);
  expect(links).toEqual([]);
});
