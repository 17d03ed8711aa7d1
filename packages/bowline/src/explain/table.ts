import { PAYLOAD_FILE, VARIABLE_PREFIX } from "../link/payload.ts";
import { accessOf, type Source, sourcesOf } from "./access-words.ts";
import type { DeployedConsumer, DeployedLinks } from "./deployed.ts";
import { asPolicy, covers, listOf } from "./match.ts";

/** One link of a consumer: what it may do, and where its values and permissions went. */
export interface LinkRow {
  readonly consumer: string;
  /** Its name for the consumer, or `permissions` for what the consumer lists itself. */
  readonly link: string;
  readonly type: string;
  /** `read, write`; `values` for a link that grants nothing. */
  readonly access: string;
  readonly allows: readonly string[];
  readonly denies: readonly string[];
  /** A variable, `resource.enc`, or a Worker's `env`; none for `permissions`. */
  readonly values?: string;
  /** Variables that come along with it. */
  readonly environment: readonly string[];
  /** Which policies hold its permissions. */
  readonly policies: readonly { readonly name: string; readonly kind: "inline" | "managed" }[];
}

/** Every link of every consumer, in the order of their names. */
export function linkRows({ consumers }: DeployedLinks, consumer?: string): LinkRow[] {
  return consumers
    .filter(({ name }) => consumer === undefined || name === consumer)
    .flatMap((own) => sourcesOf(own).map((source) => rowOf(own, source)));
}

function rowOf(consumer: DeployedConsumer, source: Source): LinkRow {
  const link = consumer.links.find(({ name }) => name === source.name);
  const actions = (effect: "Allow" | "Deny") =>
    sorted(source.statements.filter((own) => own.effect === effect).flatMap((own) => own.actions));
  return {
    consumer: consumer.name,
    link: source.name,
    type: source.type,
    access: accessOf(source),
    allows: actions("Allow"),
    denies: actions("Deny"),
    ...(link ? { values: placeOf(consumer, link.name) } : {}),
    environment: Object.keys(link?.environment ?? {}).sort(),
    policies: policiesWith(consumer, source),
  };
}

function placeOf(consumer: DeployedConsumer, link: string): string {
  if (consumer.kind === "worker") return /^[A-Za-z_]\w*$/.test(link) ? `env.${link}` : `env["${link}"]`;
  const variable = VARIABLE_PREFIX + link;
  return consumer.variables.has(variable) ? variable : PAYLOAD_FILE;
}

/** The policies in which a statement of the link is, merged with others or not. */
function policiesWith(consumer: DeployedConsumer, source: Source): LinkRow["policies"] {
  const own = source.statements.map(asPolicy);
  return consumer.policies
    .filter(({ statements }) =>
      statements.some((statement) =>
        own.some(
          (part) =>
            part.Effect === statement.Effect &&
            overlaps(statement.Action, part.Action) &&
            overlaps(statement.Resource, part.Resource),
        ),
      ),
    )
    .map(({ name, kind }) => ({ name, kind }));
}

function overlaps(
  wide: string | readonly string[] | undefined,
  narrow: string | readonly string[] | undefined,
) {
  return listOf(wide).some((pattern) => listOf(narrow).some((name) => covers(pattern, name)));
}

function sorted(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}

/** The table for people. */
export function tableText(rows: readonly LinkRow[]): string {
  const head = ["CONSUMER", "LINK", "ACCESS", "ALLOWS", "VALUES IN", "POLICY"];
  const body = rows.map((row, index) => [
    row.consumer === rows[index - 1]?.consumer ? "" : row.consumer,
    row.link,
    row.access,
    actionsText(row),
    [row.values, ...row.environment].filter(Boolean).join(", "),
    [...new Set(row.policies.map(({ kind }) => kind))].join(", "),
  ]);
  return columns([head, ...body]);
}

/** Up to three actions by name, more as how many of which service. */
function actionsText({ allows, denies }: LinkRow): string {
  const text = short(allows);
  return denies.length > 0 ? [text, `not ${short(denies)}`].filter(Boolean).join(", ") : text;
}

function short(actions: readonly string[]): string {
  const services = Map.groupBy(actions, (action) => action.split(":")[0] ?? "");
  return [...services]
    .map(([service, own]) =>
      own.length > 2
        ? `${own.length} of ${service}`
        : own.map((action, index) => (index === 0 ? action : action.slice(service.length + 1))).join(", "),
    )
    .join("; ");
}

/** Cells under each other, each column as wide as its widest. */
export function columns(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => (line[column] ?? "").length)),
  );
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
