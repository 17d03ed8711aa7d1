import { resolve } from "node:path";
import { bowlineManifest } from "../../config/project.ts";
import { BowlineError } from "../../error.ts";
import { beginApp } from "../../starter/begin.ts";
import type { Command } from "../command.ts";

export const init: Command = {
  summary: "Begin an app: a config, a table, a function that is linked to it",
  usage: "[FOLDER] [--python]",
  inProject: false,
  takesWords: true,
  options: { python: { type: "boolean", description: "a function in Python instead of TypeScript" } },
  async run({ words, options, reporter, json, started }) {
    const [asked = ".", ...more] = words;
    if (more.length > 0) {
      throw new BowlineError("usage", `bowline init takes one folder, not ${words.length}.`, {
        hint: "Quote a name that has spaces.",
      });
    }
    const { version, peerDependencies } = bowlineManifest();
    const folder = resolve(asked);
    const { written, needsInstall } = beginApp(folder, options.python ? "python" : "typescript", {
      bowline: `^${version}`,
      pulumi: peerDependencies["@pulumi/pulumi"] ?? "*",
    });
    const next = [
      ...(asked === "." ? [] : [`cd ${asked}`]),
      ...(needsInstall ? ["npm install"] : []),
      "npx bowline dev",
    ];
    reporter.print(
      [...written.map((path) => `  ${path}`), "", "Next:", ...next.map((line) => `  ${line}`)].join("\n"),
    );
    reporter.report({
      type: "summary",
      ok: true,
      exitCode: 0,
      durationMs: performance.now() - started,
      ...(json ? { outputs: { folder, written } } : {}),
      message: "",
    });
    return 0;
  },
};
