/** What each link was granted, beside what the log of the stage's cloud says was used of it. */
import type { AuditEvent } from "@bowline/cloud";
import type { AccessProfile } from "../link/access.ts";
import { accessOf, profileOf, type Source, sourcesOf, variableName } from "./access-words.ts";
import type { DeployedConsumer, DeployedLinks } from "./deployed.ts";
import { asPolicy, covers, speaksOf } from "./match.ts";

export interface LinkUse {
  readonly consumer: string;
  readonly link: string;
  readonly access: string;
  readonly granted: readonly string[];
  readonly used: readonly { readonly action: string; readonly calls: number }[];
  /** What to write instead, the plainest first; empty when nothing less would do, or nothing is known of it. */
  readonly suggestions: readonly Suggestion[];
}

export interface Suggestion {
  /** `unused`: no permission was used. `level`: a lower level would do. `exact`: fewer actions than the level has. */
  readonly kind: "unused" | "level" | "exact";
  readonly code: string;
}

export interface Usage {
  /** When the log begins, in milliseconds since the epoch; undefined when it is empty. */
  readonly since: number | undefined;
  /** How many calls of functions it has. */
  readonly calls: number;
  readonly links: readonly LinkUse[];
  /** Functions that made no call: nothing can be said of them. */
  readonly silent: readonly string[];
}

/** Compares. The log is given newest first. */
export function compareUse({ manifest, consumers }: DeployedLinks, log: readonly AuditEvent[]): Usage {
  const byRole = Map.groupBy(log, ({ principal }) => roleOf(principal));
  const called = consumers.map((consumer) => ({
    consumer,
    calls: callsOf(byRole.get(roleOf(consumer.roleArn)) ?? []),
  }));
  return {
    since: log.at(-1)?.time,
    calls: called.reduce((sum, { calls }) => sum + calls.reduce((own, { count }) => own + count, 0), 0),
    links: called
      .filter(({ calls }) => calls.length > 0)
      .flatMap(({ consumer, calls }) => linksOf(consumer, calls, manifest.linkables)),
    silent: called.filter(({ calls }) => calls.length === 0).map(({ consumer }) => consumer.name),
  };
}

interface Call {
  readonly action: string;
  readonly resource: string;
  readonly decision: "allow" | "deny";
  readonly count: number;
}

/** Equal calls counted. */
function callsOf(events: readonly AuditEvent[]): Call[] {
  const groups = Map.groupBy(events, ({ action, resource, decision }) =>
    JSON.stringify([action, resource, decision]),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first ? [{ ...first, count: group.length }] : [];
  });
}

function linksOf(
  consumer: DeployedConsumer,
  calls: readonly Call[],
  linkables: DeployedLinks["manifest"]["linkables"],
): LinkUse[] {
  const allowed = calls.filter(({ decision }) => decision === "allow");
  return sourcesOf(consumer)
    .filter(({ statements }) => statements.some(({ effect }) => effect === "Allow"))
    .map((source) => {
      const granted = actionsOf(source);
      const used = usedOf(source, allowed);
      const target = linkables.find(({ value }) => value.arn !== undefined && value.arn === source.value.arn);
      return {
        consumer: consumer.name,
        link: source.name,
        access: accessOf(source),
        granted,
        used,
        suggestions: target
          ? suggestionsFor(
              source,
              granted,
              used.map(({ action }) => action),
              variableName(target.name) + LINK,
              source.name === target.name ? "" : `.as("${source.name}")`,
            )
          : [],
      };
    });
}

const LINK = ".link";

function actionsOf(source: Source): string[] {
  const allowed = source.statements.filter(({ effect }) => effect === "Allow");
  return [...new Set(allowed.flatMap(({ actions }) => actions))].sort();
}

function usedOf(source: Source, calls: readonly Call[]): { action: string; calls: number }[] {
  const statements = source.statements.filter(({ effect }) => effect === "Allow").map(asPolicy);
  const counts = new Map<string, number>();
  for (const { action, resource, count } of calls) {
    if (!statements.some((statement) => speaksOf(statement, action, resource))) continue;
    counts.set(action, (counts.get(action) ?? 0) + count);
  }
  return [...counts]
    .map(([action, own]) => ({ action, calls: own }))
    .sort((a, b) => (a.action < b.action ? -1 : 1));
}

function suggestionsFor(
  source: Source,
  granted: readonly string[],
  used: readonly string[],
  link: string,
  alias: string,
): Suggestion[] {
  if (used.length === 0) return [{ kind: "unused", code: `${link}().withPermissions()${alias}` }];
  const profile = profileOf(source.type);
  const exact = granted.some((action) => action.includes("*")) || used.length < granted.length;
  const levels = profile && lowestLevels(profile, used, granted);
  return [
    ...(levels ? [{ kind: "level", code: `${link}(${quoted(levels)})${alias}` } as const] : []),
    ...(exact && profile
      ? [{ kind: "exact", code: `${link}({ actions: [${quoted(used)}] })${alias}` } as const]
      : []),
  ];
}

/** The levels with the fewest actions that cover what was used, if they are fewer than were granted. */
function lowestLevels(
  profile: AccessProfile,
  used: readonly string[],
  granted: readonly string[],
): readonly string[] | undefined {
  const actionsOf = (levels: readonly string[]) =>
    new Set(levels.flatMap((level) => profile.levels[level] ?? []).flatMap(({ actions }) => actions));
  const ranked = subsets(Object.keys(profile.levels))
    .filter((levels) => used.every((action) => actionsOf(levels).has(action)))
    .sort((a, b) => actionsOf(a).size - actionsOf(b).size || a.length - b.length);
  const [lowest] = ranked;
  if (!lowest) return undefined;
  const fewer = [...actionsOf(lowest)];
  const within = fewer.every((action) => granted.some((wide) => covers(wide, action)));
  const less = granted.some((action) => !fewer.includes(action));
  return within && less ? lowest : undefined;
}

/** Every choice of at least one. */
function subsets<T>(items: readonly T[]): T[][] {
  const found: T[][] = [[]];
  for (const item of items) found.push(...found.map((some) => [...some, item]));
  return found.slice(1);
}

const quoted = (names: readonly string[]): string => names.map((name) => JSON.stringify(name)).join(", ");

/** The role behind a role's ARN or a session's. */
function roleOf(arn: string): string {
  return /:assumed-role\/([^/]+)\//.exec(arn)?.[1] ?? /:role\/(?:.*\/)?([^/]+)$/.exec(arn)?.[1] ?? arn;
}

/** The comparison for people. */
export function usageText(usage: Usage, stage: string): string {
  if (usage.since === undefined) return `Nothing was called in stage "${stage}" yet.`;
  const since = `${new Date(usage.since).toISOString().slice(0, 19).replace("T", " ")} UTC`;
  const said = usage.links.map(useText).join("\n");
  return [
    `The log of stage "${stage}" goes back to ${since} and has ${times(usage.calls)} by its functions. What did not run since is not in it.`,
    ...(said ? [said] : []),
    ...(usage.silent.length > 0 ? [`Not called, so nothing is said of: ${usage.silent.join(", ")}.`] : []),
  ].join("\n\n");
}

function useText({ consumer, link, access, granted, used, suggestions }: LinkUse): string {
  const done = used.map(({ action, calls }) => `${action} (${times(calls)})`).join(", ");
  const head = `${consumer} · ${link}: granted ${access} (${granted.length} actions), used ${done || "nothing"}`;
  const width = Math.max(...suggestions.map(({ code }) => code.length));
  const lines = suggestions.map(({ kind, code }) => `  ${code.padEnd(width)}  // ${REMARKS[kind]}`);
  return [head, ...lines].join("\n");
}

const REMARKS = {
  unused: "its values without its permissions",
  level: "a lower level would do",
  exact: "exactly what was used",
} as const;

function times(count: number): string {
  return `${count} ${count === 1 ? "call" : "calls"}`;
}
