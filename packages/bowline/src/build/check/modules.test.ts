import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { javascriptReads } from "./javascript.ts";
import { firstPartyModules } from "./modules.ts";

test("a real bundle's own modules are read, and the packages it uses are not", async () => {
  const root = await mkdtemp(join(tmpdir(), "bowline-check-"));
  try {
    const files = {
      "src/api.ts":
        'import { links } from "./links.js";\nimport "a-package";\nimport data from "./data.json";\nexport const handler = () => [links.Orders.name, data];',
      "src/links.ts": 'export { Resource as links } from "bowline";',
      "src/data.json": '{"Resource": 1}',
      "node_modules/a-package/index.js": 'import { Resource } from "bowline";\nconsole.log(Resource.Theirs);',
    };
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    }
    const { metafile } = await build({
      absWorkingDir: root,
      entryPoints: ["src/api.ts"],
      bundle: true,
      write: false,
      metafile: true,
      format: "esm",
      external: ["bowline"],
    });
    const { links } = await javascriptReads(await firstPartyModules(root, metafile));
    expect(links).toEqual([
      { file: "src/api.ts", line: 4, column: 37, link: "Orders" },
      { file: "src/api.ts", line: 4, column: 44, link: "Orders", property: "name" },
    ]);
  } finally {
    await rm(root, { recursive: true });
  }
});
