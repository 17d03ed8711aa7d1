import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import type { AppSettings } from "../../config/app.ts";
import { cloudSettings } from "../../deploy/app.ts";
import { BowlineError } from "../../error.ts";
import { checkName } from "../../link/name.ts";
import { formatDotenv, parseDotenv } from "../../secrets/dotenv.ts";
import { projectKeys } from "../../secrets/key.ts";
import { openSecrets, type SecretStore } from "../../secrets/store.ts";
import type { Command, CommandContext } from "../command.ts";
import { promptHidden } from "../prompt.ts";

export const secret: Command = {
  summary: "Set, list, load or remove a stage's secrets",
  usage: "set NAME [VALUE] | list [--values] | load FILE|--local | remove NAME",
  takesWords: true,
  options: {
    values: { type: "boolean", description: "show the values, too" },
    format: { type: "string", description: "dotenv: print what `secret load` reads" },
    local: { type: "boolean", description: "load: what was set on this machine for a stage in a cloud" },
    fallback: { type: "boolean", description: "the values of stages that have none of their own" },
  },
  async run(context) {
    const { words } = context;
    const name = words[0] ?? "";
    const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
    if (!action) throw usage(name ? `There is no "secret ${name}".` : "What should be done?");
    refuseExtraWords(words);
    const { message, outputs } = await action(context, await findStore(context));
    const durationMs = performance.now() - context.started;
    // A person has them already, on stdout.
    const told = context.json ? { outputs } : {};
    context.reporter.report({ type: "summary", ok: true, exitCode: 0, durationMs, message, ...told });
    return 0;
  },
};

interface Place {
  readonly store: SecretStore;
  /** For messages. */
  readonly where: string;
  /** What was set on this machine for a stage that lives elsewhere. */
  readonly strays?: () => SecretStore;
}

/** Where the stage lives, there are its secrets. */
async function findStore(context: CommandContext): Promise<Place> {
  const { project, stage, paths, options } = context;
  const fallback = options.fallback === true;
  const where = fallback ? "the fallback" : `stage ${stage}`;
  // A machine that only works on stages in clouds may have no key of its own.
  const here = () =>
    openSecrets(fallback ? project.fallbackSecrets : paths.secrets, projectKeys(project).secrets);
  const settings = await cloudSettings(project, stage);
  return settings ? cloudPlace(context, settings, { where, strays: here }) : { store: here(), where };
}

async function cloudPlace(
  { stage, options, words, reporter }: CommandContext,
  settings: AppSettings,
  place: Omit<Place, "store">,
): Promise<Place> {
  const { openCloudHome } = await import("../../deploy/pulumi/home.ts");
  const { FALLBACK, homeSecrets } = await import("../../secrets/home.ts");
  const owner = { name: settings.name, stage: options.fallback ? FALLBACK : stage };
  const progress = (message: string) => reporter.report({ type: "progress", message });
  const make = words[0] === "set" || words[0] === "load";
  try {
    const { state } = await openCloudHome({ settings, stage: owner.stage, progress, make });
    return { ...place, store: homeSecrets(state, owner), where: `${place.where}, in ${state.objects.where}` };
  } catch (cause) {
    if (!(cause instanceof BowlineError) || cause.code !== "not-deployed") throw cause;
    return { ...place, store: NOTHING };
  }
}

/** What is in a home that nothing was put into yet. */
const NOTHING: SecretStore = {
  set: () => undefined,
  remove: () => false,
  names: () => [],
  load: () => new Map(),
};

type Action = (
  context: CommandContext,
  place: Place,
) => Promise<{ message: string; outputs?: Record<string, unknown> }>;

const ACTIONS: Readonly<Record<string, Action>> = {
  async set({ words: [, name, value] }, { store, where }) {
    if (!name) throw usage("set needs a name.");
    await store.set(name, value ?? (await readValue(name)));
    return { message: `${name} is set in ${where}` };
  },
  async remove({ words: [, name] }, { store, where }) {
    if (!name) throw usage("remove needs a name.");
    if (!(await store.remove(name)))
      throw new BowlineError("no-secret", `There is no secret ${name} in ${where}.`, {
        hint: "bowline secret list shows what there is.",
        exitCode: 1,
      });
    return { message: `${name} is removed from ${where}` };
  },
  async list({ options, reporter }, { store, where }) {
    if (options.format !== undefined && options.format !== "dotenv")
      throw usage(`--format takes dotenv, not "${options.format}".`);
    const told = (count: number) => `${count} ${count === 1 ? "secret" : "secrets"} in ${where}`;
    if (!options.values) {
      const names = await store.names();
      for (const name of names) reporter.print(name);
      return { message: told(names.length), outputs: { names } };
    }
    const values = await store.load();
    const message = told(values.size);
    if (values.size > 0) reporter.print(formatDotenv(values).trimEnd());
    return { message, outputs: Object.fromEntries(values) };
  },
  async load({ words: [, file], options }, { store, where, strays }) {
    const values = options.local ? await localValues(file, strays) : await fileValues(file);
    // A name that is none is told before any of them is set.
    for (const name of values.keys()) checkName(name, "A secret");
    await Promise.all([...values].map(async ([name, value]) => store.set(name, value)));
    return { message: `${values.size} ${values.size === 1 ? "secret is" : "secrets are"} set in ${where}` };
  },
};

async function fileValues(file: string | undefined): Promise<ReadonlyMap<string, string>> {
  if (!file) throw usage("load needs a file.");
  return parseDotenv(await readText(file));
}

async function localValues(
  file: string | undefined,
  strays: Place["strays"],
): Promise<ReadonlyMap<string, string>> {
  if (file) throw usage("load takes either a file or --local.");
  if (!strays) throw usage("--local is for a stage at home in a cloud: the secrets of this one are here.");
  return strays().load();
}

/** A value with spaces that was not quoted would be cut short in silence. The words themselves may be secret. */
function refuseExtraWords([action = "", ...words]: readonly string[]): void {
  const taken = action === "set" ? 2 : action === "list" ? 0 : 1;
  if (words.length > taken)
    throw usage(`secret ${action} was given ${words.length} words; quote a value that has spaces.`);
}

function usage(problem: string): BowlineError {
  return new BowlineError("usage", problem, {
    hint: "bowline secret set NAME [VALUE] | list [--values] | load FILE|--local | remove NAME   [--stage STAGE] [--fallback]",
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
