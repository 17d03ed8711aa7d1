import { text } from "node:stream/consumers";
import { BowlineError } from "../../error.ts";
import { projectKeys } from "../../secrets/key.ts";
import { openSecrets } from "../../secrets/store.ts";
import type { Command } from "../command.ts";
import { promptHidden } from "../prompt.ts";

export const secret: Command = {
  summary: "Set, list or remove a stage's secrets",
  usage: "set NAME [VALUE] | list | remove NAME",
  options: { values: { type: "boolean" } },
  async run({ words: [action, name, value], paths, project, stage, reporter, options, started }) {
    const store = openSecrets(paths.secrets, projectKeys(project).secrets);
    const done = (message: string, outputs?: Record<string, unknown>) => {
      reporter.report({
        type: "summary",
        ok: true,
        exitCode: 0,
        durationMs: performance.now() - started,
        message,
        outputs,
      });
      return 0;
    };
    if (action === "set") {
      if (!name) throw usage("set needs a name.");
      store.set(name, value ?? (await readValue(name)));
      return done(`${name} is set in stage ${stage}`);
    }
    if (action === "remove") {
      if (!name) throw usage("remove needs a name.");
      if (!store.remove(name)) {
        throw new BowlineError("no-secret", `There is no secret ${name} in stage ${stage}.`, { exitCode: 1 });
      }
      return done(`${name} is removed from stage ${stage}`);
    }
    if (action === "list") {
      const names = store.names();
      const values = options.values ? store.load() : undefined;
      for (const known of names)
        reporter.print(values ? `${known}=${JSON.stringify(values.get(known))}` : known);
      return done(
        `${names.length} ${names.length === 1 ? "secret" : "secrets"} in stage ${stage}`,
        values ? Object.fromEntries(values) : { names },
      );
    }
    throw usage(action ? `There is no "secret ${action}".` : "What should be done?");
  },
};

function usage(problem: string): BowlineError {
  return new BowlineError("usage", problem, {
    hint: "bowline secret set NAME [VALUE] | list | remove NAME   [--stage STAGE]",
  });
}

/** From a prompt, or from a pipe as it is but for one newline at its end. */
async function readValue(name: string): Promise<string> {
  if (process.stdin.isTTY) return promptHidden(`${name}: `);
  const piped = (await text(process.stdin)).replace(/\r?\n$/, "");
  if (piped === "") {
    throw new BowlineError("usage", `No value was given for ${name}.`, {
      hint: `bowline secret set ${name} VALUE, or pipe the value in.`,
    });
  }
  return piped;
}
