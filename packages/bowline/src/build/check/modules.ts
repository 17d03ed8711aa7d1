import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Metafile } from "esbuild";
import type { SourceModule } from "./reads.ts";
import { isScript } from "./syntax.ts";

/** The user's own scripts in a bundle, with where their imports lead. What is in `node_modules` is others'. */
export async function firstPartyModules(root: string, metafile: Metafile): Promise<SourceModule[]> {
  const own = Object.entries(metafile.inputs).filter(
    ([path]) => isScript(path) && !/(^|[\\/])node_modules[\\/]/.test(path) && !path.includes(":"),
  );
  return Promise.all(
    own.map(async ([path, { imports }]) => ({
      path,
      text: await readFile(resolve(root, path), "utf8"),
      imports: Object.fromEntries(
        imports.flatMap(({ original, path: target }) => (original === undefined ? [] : [[original, target]])),
      ),
    })),
  );
}
