import { parseArgs } from "node:util";
import { bowlineVersion, chooseStage, findProject, type Project, stagePaths } from "../config/project.ts";
import { BowlineError } from "../error.ts";
import type { Command, CommandContext } from "./command.ts";
import { interruptible } from "./interrupt.ts";
import { reportProblem } from "./problem.ts";
import { coloursFor, humanReporter, jsonReporter, type Reporter } from "./reporter.ts";

/** Each is loaded when it is asked for: most of a command's time is loading. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  init: async () => (await import("./commands/init.ts")).init,
  dev: async () => (await import("./commands/dev.ts")).dev,
  deploy: async () => (await import("./commands/deploy.ts")).deploy,
  diff: async () => (await import("./commands/deploy.ts")).diff,
  remove: async () => (await import("./commands/deploy.ts")).remove,
  run: async () => (await import("./commands/run.ts")).run,
  shell: async () => (await import("./commands/shell.ts")).shell,
  types: async () => (await import("./commands/types.ts")).types,
  check: async () => (await import("./commands/check.ts")).check,
  links: async () => (await import("./commands/links.ts")).links,
  secret: async () => (await import("./commands/secret.ts")).secret,
  outputs: async () => (await import("./commands/outputs.ts")).outputs,
  state: async () => (await import("./commands/state.ts")).state,
  unlock: async () => (await import("./commands/unlock.ts")).unlock,
  doctor: async () => (await import("./commands/doctor.ts")).doctor,
  version: async () => (await import("./commands/version.ts")).version,
};

const COMMON = {
  stage: { type: "string", description: "which copy of the app; default: your user name" },
  json: { type: "boolean", description: "one JSON event a line, the summary last" },
  help: { type: "boolean", short: "h", description: "show this" },
} as const;

/** For commands that work anywhere. */
const NO_PROJECT: Project = { root: "", configFile: "", folder: "", artifacts: "", fallbackSecrets: "" };

/** Runs the command line and returns the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const json = argv.slice(0, argv.includes("--") ? argv.indexOf("--") : undefined).includes("--json");
  const reporter = json
    ? jsonReporter(process.stdout)
    : humanReporter(process.stdout, process.stderr, coloursFor(process.stderr, process.env));
  const started = performance.now();
  let exitCode: number;
  try {
    return await dispatch(argv, reporter, json, started);
  } catch (cause) {
    exitCode = reportProblem(reporter, cause);
  }
  reporter.report({ type: "summary", ok: false, exitCode, durationMs: performance.now() - started });
  return exitCode;
}

async function dispatch(
  argv: readonly string[],
  reporter: Reporter,
  json: boolean,
  started: number,
): Promise<number> {
  const [name = "help", ...args] = argv;
  if (name === "--version" || name === "-v") return dispatch(["version", ...args], reporter, json, started);
  if (["help", "--help", "-h"].includes(name)) return help(reporter);
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!load) {
    throw new BowlineError("usage", `There is no command "${name}".`, {
      hint: `Commands: ${Object.keys(commands).join(", ")}.`,
    });
  }
  const command = await load();
  const { values, positionals, rest } = parse(name, command, args);
  if (values.help) return commandHelp(reporter, name, command);
  const inProject = command.inProject !== false;
  const project = inProject ? findProject(process.cwd()) : NO_PROJECT;
  const stage = inProject ? chooseStage(typeof values.stage === "string" ? values.stage : undefined) : "";
  if (inProject) reporter.report({ type: "start", command: name, version: bowlineVersion(), stage });
  const interrupt = interruptible();
  try {
    const context: CommandContext = {
      project,
      stage,
      paths: stagePaths(project, stage),
      reporter,
      json,
      words: positionals,
      options: values,
      rest,
      signal: interrupt.signal,
      started,
    };
    return await command.run(context);
  } finally {
    interrupt.dispose();
  }
}

function parse(name: string, command: Command, args: readonly string[]) {
  const cut = args.indexOf("--");
  const own = cut < 0 ? [...args] : args.slice(0, cut);
  try {
    const { values, positionals } = parseArgs({
      args: own,
      options: { ...COMMON, ...command.options },
      allowPositionals: command.takesWords === true,
    });
    return {
      values: values as CommandContext["options"],
      positionals,
      rest: cut < 0 ? [] : args.slice(cut + 1),
    };
  } catch (cause) {
    throw new BowlineError("usage", `${(cause as Error).message.replace(/\. To specify.*$/s, ".")}`, {
      hint: `bowline ${name} --help shows what it takes.`,
      cause,
    });
  }
}

async function help(reporter: Reporter): Promise<number> {
  const rows = await Promise.all(
    Object.entries(commands).map(async ([name, load]) => `  ${name.padEnd(10)} ${(await load()).summary}`),
  );
  reporter.print(
    [
      "Usage: bowline COMMAND [--stage STAGE] [--json]",
      "",
      ...rows,
      "",
      "bowline COMMAND --help shows what a command takes.",
    ].join("\n"),
  );
  return 0;
}

function commandHelp(reporter: Reporter, name: string, command: Command): number {
  const options = Object.entries({ ...command.options, ...COMMON }).map(([option, { type, description }]) => {
    const flag = `--${option}${type === "string" ? " …" : ""}`;
    return `  ${flag.padEnd(14)} ${description}`;
  });
  const usage = `Usage: bowline ${name}${command.usage ? ` ${command.usage}` : ""}`;
  reporter.print([`${command.summary}.`, "", usage, "", ...options].join("\n"));
  return 0;
}
