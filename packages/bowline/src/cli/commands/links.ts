import { cloudSettings } from "../../deploy/app.ts";
import { BowlineError } from "../../error.ts";
import type { DeployedLinks } from "../../explain/deployed.ts";
import { cloudStage } from "../cloud-stage.ts";
import type { Command, CommandContext } from "../command.ts";

export const links: Command = {
  summary: "Show who is linked to what, why something is allowed, and what could be less",
  usage:
    "[NAME] | graph [--format svg|mermaid|json] | why NAME RESOURCE [ACTION] | tighten [NAME]   [--stage STAGE]",
  takesWords: true,
  options: { format: { type: "string", description: "of the graph: svg (default), mermaid or json" } },
  async run(context) {
    const [name = "", ...words] = context.words;
    const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
    const { text, outputs } = await (action ?? showTable)(context, action ? words : context.words);
    if (text) context.reporter.print(text);
    context.reporter.report({
      type: "summary",
      ok: true,
      exitCode: 0,
      durationMs: performance.now() - context.started,
      // A person has them already, on stdout.
      ...(context.json ? { outputs } : {}),
      message: "",
    });
    return 0;
  },
};

interface Answer {
  readonly text: string;
  readonly outputs: Readonly<Record<string, unknown>>;
}

type Action = (context: CommandContext, words: readonly string[]) => Promise<Answer>;

const ACTIONS: Readonly<Record<string, Action>> = {
  async graph(context, words) {
    refuse(words, 0, "graph takes no name.");
    const { format = "svg" } = context.options;
    const { linkGraph, mermaid } = await import("../../explain/graph.ts");
    const graph = linkGraph(await deployed(context));
    switch (format) {
      case "svg": {
        const { svg } = await import("../../explain/graph-svg.ts");
        const text = svg(graph);
        return { text: text.trimEnd(), outputs: { svg: text } };
      }
      case "mermaid":
        return { text: mermaid(graph), outputs: { mermaid: mermaid(graph) } };
      case "json":
        return { text: JSON.stringify(graph, null, 2), outputs: { ...graph } };
      default:
        throw usage(`--format takes svg, mermaid or json, not "${format}".`);
    }
  },
  async why(context, words) {
    const [consumer, resource, action] = words;
    if (!consumer || !resource) throw usage("why needs a function and a resource.");
    refuse(words, 3, "why takes a function, a resource and an action.");
    const { explainWhy } = await import("../../explain/why.ts");
    const { whyText } = await import("../../explain/why-text.ts");
    const why = explainWhy(await deployed(context), { consumer, resource, action });
    return { text: whyText(why), outputs: { ...why } };
  },
  async tighten(context, words) {
    refuse(words, 1, "tighten takes one function.");
    const { readAudit } = await import("@bowline/cloud");
    const { compareUse, usageText } = await import("../../explain/tighten.ts");
    if (await cloudSettings(context.project, context.stage)) throw notLogged(context.stage);
    const all = await deployedHere(context);
    const log = readAudit(context.paths.cloud, { limit: Number.MAX_SAFE_INTEGER }) ?? [];
    const usage = compareUse({ ...all, consumers: await only(all, words[0]) }, log);
    return { text: usageText(usage, context.stage), outputs: { ...usage } };
  },
};

async function showTable(context: CommandContext, words: readonly string[]): Promise<Answer> {
  refuse(words, 1, `There is no "links ${words[0]}".`);
  const all = await deployed(context);
  const [asked] = words;
  if (asked !== undefined && !all.consumers.some(({ name }) => name.toLowerCase() === asked.toLowerCase()))
    throw usage(`There is no "links ${asked}", and no function of that name.`);
  const { linkRows, tableText } = await import("../../explain/table.ts");
  const rows = linkRows({ ...all, consumers: await only(all, words[0]) });
  return {
    text: rows.length > 0 ? tableText(rows) : "Nothing is linked to anything.",
    outputs: { links: rows },
  };
}

/** All consumers, or the one that is named. */
async function only(all: DeployedLinks, name: string | undefined): Promise<DeployedLinks["consumers"]> {
  const { deployedConsumer } = await import("../../explain/deployed.ts");
  return name === undefined ? all.consumers : [deployedConsumer(all, name)];
}

/** From the state of the stage, wherever it is kept. */
async function deployed(context: CommandContext): Promise<DeployedLinks> {
  const cloud = await cloudStage(context);
  if (!cloud) return deployedHere(context);
  const { deployedLinks } = await import("../../explain/deployed.ts");
  return deployedLinks(await cloud.state.read(), context.stage);
}

async function deployedHere({ paths, project, stage }: CommandContext): Promise<DeployedLinks> {
  const { deployedLinks } = await import("../../explain/deployed.ts");
  const { readStageState } = await import("../../deploy/manifest.ts");
  const { projectKeys } = await import("../../secrets/key.ts");
  return deployedLinks(await readStageState(paths.state, projectKeys(project).state), stage);
}

function notLogged(stage: string): BowlineError {
  return new BowlineError(
    "not-local",
    `What the functions of stage "${stage}" call is in no log that Bowline reads: it lives in a cloud.`,
    {
      hint: "The local cloud keeps one. Run the app on this machine, with its tests: bowline run --stage dev -- npm test, then bowline links tighten --stage dev",
    },
  );
}

function refuse(words: readonly string[], most: number, problem: string): void {
  if (words.length > most) throw usage(problem);
}

function usage(problem: string): BowlineError {
  return new BowlineError("usage", problem, { hint: `bowline links ${links.usage}` });
}
