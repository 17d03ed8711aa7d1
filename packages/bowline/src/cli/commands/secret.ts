import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { BowlineError } from "../../error.ts";
import { formatDotenv, parseDotenv } from "../../secrets/dotenv.ts";
import { projectKeys } from "../../secrets/key.ts";
import { openSecrets, type SecretStore } from "../../secrets/store.ts";
import type { Command, CommandContext } from "../command.ts";
import { promptHidden } from "../prompt.ts";

export const secret: Command = {
  summary: "Set, list, load or remove a stage's secrets",
  usage: "set NAME [VALUE] | list [--values] | load FILE | remove NAME",
  takesWords: true,
  options: {
    values: { type: "boolean", description: "show the values, too" },
    format: { type: "string", description: "dotenv: print what `secret load` reads" },
    fallback: { type: "boolean", description: "the values of stages that have none of their own" },
  },
  async run(context) {
    const { project, paths, options, words } = context;
    const folder = options.fallback ? project.fallbackSecrets : paths.secrets;
    const store = openSecrets(folder, projectKeys(project).secrets);
    const name = words[0] ?? "";
    const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
    if (!action) throw usage(name ? `There is no "secret ${name}".` : "What should be done?");
    refuseExtraWords(words);
    const { message, outputs } = await action(
      context,
      store,
      options.fallback ? "the fallback" : `stage ${context.stage}`,
    );
    const durationMs = performance.now() - context.started;
    // A person has them already, on stdout.
    const told = context.json ? { outputs } : {};
    context.reporter.report({ type: "summary", ok: true, exitCode: 0, durationMs, message, ...told });
    return 0;
  },
};

type Action = (
  context: CommandContext,
  store: SecretStore,
  where: string,
) => Promise<{ message: string; outputs?: Record<string, unknown> }>;

const ACTIONS: Readonly<Record<string, Action>> = {
  async set({ words: [, name, value] }, store, where) {
    if (!name) throw usage("set needs a name.");
    store.set(name, value ?? (await readValue(name)));
    return { message: `${name} is set in ${where}` };
  },
  async remove({ words: [, name] }, store, where) {
    if (!name) throw usage("remove needs a name.");
    if (!store.remove(name))
      throw new BowlineError("no-secret", `There is no secret ${name} in ${where}.`, {
        hint: "bowline secret list shows what there is.",
        exitCode: 1,
      });
    return { message: `${name} is removed from ${where}` };
  },
  async list({ options, reporter }, store, where) {
    if (options.format !== undefined && options.format !== "dotenv")
      throw usage(`--format takes dotenv, not "${options.format}".`);
    const count = store.names().length;
    const message = `${count} ${count === 1 ? "secret" : "secrets"} in ${where}`;
    if (!options.values) {
      for (const name of store.names()) reporter.print(name);
      return { message, outputs: { names: store.names() } };
    }
    const values = store.load();
    if (count > 0) reporter.print(formatDotenv(values).trimEnd());
    return { message, outputs: Object.fromEntries(values) };
  },
  async load({ words: [, file] }, store, where) {
    if (!file) throw usage("load needs a file.");
    const values = parseDotenv(await readText(file));
    for (const [name, value] of values) store.set(name, value);
    return { message: `${values.size} ${values.size === 1 ? "secret is" : "secrets are"} set in ${where}` };
  },
};

/** A value with spaces that was not quoted would be cut short in silence. The words themselves may be secret. */
function refuseExtraWords([action = "", ...words]: readonly string[]): void {
  const taken = action === "set" ? 2 : action === "list" ? 0 : 1;
  if (words.length > taken)
    throw usage(`secret ${action} was given ${words.length} words; quote a value that has spaces.`);
}

function usage(problem: string): BowlineError {
  return new BowlineError("usage", problem, {
    hint: "bowline secret set NAME [VALUE] | list [--values] | load FILE | remove NAME   [--stage STAGE] [--fallback]",
  });
}

async function readText(file: string): Promise<string> {
  try {
    return file === "-" ? await text(process.stdin) : await readFile(file, "utf8");
  } catch (cause) {
    throw new BowlineError("no-file", `${file} cannot be read: ${(cause as Error).message}.`, { cause });
  }
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
