import { readFile, writeFile } from "node:fs/promises";
import { LockedError, type ResourceState } from "@bowline/engine";
import { localState, type StageState } from "../../deploy/stage-state.ts";
import { BowlineError } from "../../error.ts";
import { projectKeys } from "../../secrets/key.ts";
import { cloudStage } from "../cloud-stage.ts";
import type { Command, CommandContext } from "../command.ts";

export const state: Command = {
  summary: "Look at what Bowline knows of a stage's resources, take it out, put it in, mend it",
  usage: "[list] | export [FILE] | import FILE | remove NAME | repair | snapshots | restore NUMBER",
  takesWords: true,
  options: {
    "show-secrets": { type: "boolean", description: "export: secrets in plain text" },
    dependents: { type: "boolean", description: "remove: what depends on it as well" },
  },
  async run(context) {
    const [name = "list", ...words] = context.words;
    const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
    if (!action) throw usage(`There is no "state ${name}".`);
    if (words.length > action.words)
      throw usage(`state ${name} takes ${action.words || "no"} more word${action.words === 1 ? "" : "s"}.`);
    const [word] = words;
    if (word === undefined && action.needs) throw usage(`${name} needs ${action.needs}.`);
    const { message, outputs } = await findState(context)
      .then((found) => action.run(context, found, word ?? ""))
      .catch(explained);
    context.reporter.report({
      type: "summary",
      ok: true,
      exitCode: 0,
      durationMs: performance.now() - context.started,
      message,
      ...(context.json ? { outputs } : {}),
    });
    return 0;
  },
};

async function findState(context: CommandContext): Promise<StageState> {
  const cloud = await cloudStage(context);
  if (cloud) return cloud.state;
  return localState({ stateDir: context.paths.state, secretsKey: projectKeys(context.project).state });
}

/** What the engine refuses is for the user to read, whatever it is. */
function explained(cause: unknown): never {
  if (cause instanceof BowlineError || !(cause instanceof Error)) throw cause;
  if (cause instanceof LockedError) {
    const hint = "Wait until it is done. If that process is gone for good: bowline unlock";
    throw new BowlineError("locked", cause.message, { hint, exitCode: 4, cause });
  }
  throw new BowlineError("state", cause.message, {
    hint: "A state that is damaged: bowline state repair. What import takes: the file of bowline state export.",
    exitCode: 1,
    cause,
  });
}

interface Action {
  /** How many words it takes. */
  readonly words: 0 | 1;
  /** What the word is, where it has to be given. */
  readonly needs?: string;
  run(
    context: CommandContext,
    found: StageState,
    word: string,
  ): Promise<{ message: string; outputs?: Record<string, unknown> }>;
}

const SNAPSHOT = "the number of a snapshot (bowline state snapshots shows them)";

const ACTIONS: Readonly<Record<string, Action>> = {
  list: {
    words: 0,
    async run({ reporter, stage }, found) {
      const { resources, pending } = await found.read();
      const width = Math.max(0, ...resources.map(({ type }) => type.length));
      for (const resource of resources) {
        reporter.print(
          `${resource.type.padEnd(width)}  ${nameOf(resource)}${resource.id ? `  ${resource.id}` : ""}`,
        );
      }
      const unfinished =
        pending.length > 0 ? `, ${pending.length} unfinished, which the next deploy finishes` : "";
      return {
        message: `${counted(resources.length, "resource")} in stage ${stage}${unfinished}`,
        outputs: {
          resources: resources.map(({ urn, type, id }) => ({ urn, type, id })),
          pending: pending.length,
        },
      };
    },
  },
  export: {
    words: 1,
    async run({ reporter, options, stage, json }, found, file) {
      const document = await found.export({ showSecrets: options["show-secrets"] === true });
      const text = `${JSON.stringify(document, null, 2)}\n`;
      if (file !== "") {
        await writeFile(file, text, { mode: 0o600 });
        return { message: `the state of stage ${stage} is in ${file}`, outputs: { file } };
      }
      if (!json) reporter.print(text.trimEnd());
      return { message: "", outputs: { ...document } };
    },
  },
  import: {
    words: 1,
    needs: "a file",
    async run({ stage }, found, file) {
      await found.import(await documentIn(file));
      return { message: `stage ${stage} has the state of ${file}; the one before is a snapshot` };
    },
  },
  remove: {
    words: 1,
    needs: "the name or the URN of a resource",
    async run({ options }, found, name) {
      const { resources } = await found.read();
      const removed = await found.remove(urnOf(resources, name), { dependents: options.dependents === true });
      const names = removed.map((urn) => nameOf({ urn })).join(", ");
      return { message: `${names} is forgotten; what it stands for is still there`, outputs: { removed } };
    },
  },
  repair: {
    words: 0,
    async run({ reporter, stage }, found) {
      const done = await found.repair();
      for (const line of done) reporter.print(line);
      const message =
        done.length === 0 ? `the state of stage ${stage} is whole` : `the state of stage ${stage} is mended`;
      return { message, outputs: { done } };
    },
  },
  snapshots: {
    words: 0,
    async run({ reporter, stage }, found) {
      const snapshots = await found.snapshots();
      for (const { number, time, path } of snapshots) {
        reporter.print([number, time, path].filter((part) => part !== undefined).join("  "));
      }
      return {
        message: `${counted(snapshots.length, "snapshot")} of stage ${stage}`,
        outputs: { snapshots },
      };
    },
  },
  restore: {
    words: 1,
    needs: SNAPSHOT,
    async run({ stage }, found, word) {
      const number = Number(word);
      if (!Number.isInteger(number) || number < 0) throw usage(`restore needs ${SNAPSHOT}.`);
      if (!(await found.snapshots()).some((snapshot) => snapshot.number === number)) {
        throw new BowlineError("no-snapshot", `There is no snapshot ${number} of stage ${stage}.`, {
          hint: "bowline state snapshots shows what there is.",
          exitCode: 1,
        });
      }
      await found.restore(number);
      return { message: `stage ${stage} has the state of snapshot ${number}; the one before is a snapshot` };
    },
  },
};

/** The last part of a URN, which is the name a program gives. */
function nameOf({ urn }: Pick<ResourceState, "urn">): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

function urnOf(resources: readonly ResourceState[], name: string): string {
  if (name.startsWith("urn:")) return name;
  const found = resources.filter((resource) => nameOf(resource) === name);
  if (found.length === 1 && found[0]) return found[0].urn;
  if (found.length === 0) {
    throw new BowlineError("no-resource", `There is no resource "${name}" in the state.`, {
      hint: "bowline state list shows what there is.",
      exitCode: 1,
    });
  }
  throw new BowlineError("ambiguous", `There are ${found.length} resources "${name}".`, {
    hint: `Give one of their URNs:\n${found.map(({ urn }) => `  ${urn}`).join("\n")}`,
  });
}

/** What `state export` and `pulumi stack export` write. */
async function documentIn(file: string): Promise<unknown> {
  const text = await readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw new BowlineError("no-file", `${file} cannot be read: ${cause.message}`, { cause });
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BowlineError("bad-file", `${file} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function usage(message: string): BowlineError {
  return new BowlineError("usage", message, { hint: "bowline state --help shows what it takes." });
}
