/** An example in a folder of its own, at home in a cloud. */

import { cpSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Proof } from "./proofs.ts";

export const WORKSPACE = fileURLToPath(new URL("../..", import.meta.url));

/** The stage that runs on this machine; every other one is in the cloud. */
export const HERE = "p000000";

export interface AppCopy extends Disposable {
  readonly dir: string;
}

export function copyExample({ example, app, cloud }: Proof, tags: Readonly<Record<string, string>>): AppCopy {
  const dir = mkdtempSync(join(tmpdir(), "bowline-proof-"));
  const from = join(WORKSPACE, "examples", example);
  for (const file of readdirSync(from)) {
    if (file === "node_modules" || file.startsWith(".")) continue;
    cpSync(join(from, file), join(dir, file), { recursive: true });
  }
  symlinkSync(join(WORKSPACE, "node_modules"), join(dir, "node_modules"));
  renameSync(join(dir, "bowline.config.ts"), join(dir, "example.config.ts"));
  writeFileSync(join(dir, "bowline.config.ts"), wrapped({ name: app, cloud, tags }));
  return {
    dir,
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** The example's own program, with another home. */
function wrapped(given: { name: string; cloud: string; tags: Readonly<Record<string, string>> }): string {
  const { name, cloud, tags } = given;
  return `import example from "./example.config.ts";

export default {
  ...example,
  app: ({ stage }) => ({
    name: ${JSON.stringify(name)},
    home: stage === ${JSON.stringify(HERE)} ? "local" : ${JSON.stringify(cloud)},
    removal: "remove",
    aws: { tags: ${JSON.stringify(tags)} },
  }),
};
`;
}
