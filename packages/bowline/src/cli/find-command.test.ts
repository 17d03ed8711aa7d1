import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { requireExecutable } from "./find-command.ts";

test("a command is looked for in the app and on PATH, and what cannot be run is none", () => {
  const root = mkdtempSync(join(tmpdir(), "bowline-command-"));
  try {
    for (const [path, mode] of [
      ["node_modules/.bin/own", 0o755],
      ["bin/listed", 0o755],
      ["bin/plain", 0o644],
    ] as const) {
      mkdirSync(join(root, path, ".."), { recursive: true });
      writeFileSync(join(root, path), "");
      chmodSync(join(root, path), mode);
    }
    const check = (command: string) => () => requireExecutable(command, root, { PATH: join(root, "bin") });
    for (const command of ["own", "listed", join(root, "bin/listed")]) expect(check(command)).not.toThrow();
    for (const command of ["nosuchcmd", join(root, "bin"), join(root, "nowhere")])
      expect(check(command)).toThrow(`There is no command "${command}".`);
    // Root may read everything, and still cannot run what nobody may.
    expect(check("plain")).toThrow("There is no command");
  } finally {
    rmSync(root, { recursive: true });
  }
});
