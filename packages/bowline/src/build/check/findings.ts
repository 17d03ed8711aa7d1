import { pythonAttribute } from "../../types/python-names.ts";
import type { LinkRead, Place, Reads } from "./reads.ts";

/** Something to tell the user about what a handler reads. */
export interface Finding {
  readonly kind: "not-linked" | "no-such-property" | "unread" | "unverifiable";
  /** An error stops a deployment; a warning does not; a notice says what the check could not see. */
  readonly severity: "error" | "warning" | "notice";
  readonly message: string;
  readonly hint?: string;
  /** Where in the code; a link that nobody reads is nowhere. */
  readonly place?: Place;
}

/** A consumer, and what its links hold. */
export interface CheckedConsumer {
  readonly name: string;
  /** The properties of each link by its name; undefined where they are not known yet. */
  readonly links: Readonly<Record<string, readonly string[] | undefined>>;
  /** What a Worker's `env` holds besides its links. */
  readonly env?: readonly string[];
  /** Where links stand that only a deployment will show: `link[1]`. */
  readonly unknown?: readonly string[];
}

/** What every link has, whatever it is a link to. */
const ALWAYS = ["type"];

/**
 * Compares what a handler reads with what it is linked to.
 * @param linkables The names of everything in the app that could be linked.
 */
export function checkReads(consumer: CheckedConsumer, reads: Reads, linkables: readonly string[]): Finding[] {
  const links = new Map(Object.entries(consumer.links));
  const findings: Finding[] = [];
  const read = reads.links.map((one) => byLinkName(one, [...links.keys()]));
  for (const { link, property, optional, typed: _, via, ...place } of read) {
    if (link === "App" || optional || consumer.env?.includes(link)) continue;
    const properties = links.get(link);
    if (!links.has(link)) {
      if (property !== undefined) continue;
      findings.push(
        consumer.unknown?.length
          ? maybeLinked(consumer, link, via, place)
          : notLinked(consumer, link, via, place, linkables),
      );
    } else if (property !== undefined && properties && ![...ALWAYS, ...properties].includes(property)) {
      findings.push(noSuchProperty(consumer, spelled(link, via), property, properties, place));
    }
  }
  for (const { code, ...place } of reads.unverifiable) {
    findings.push({
      kind: "unverifiable",
      severity: "notice",
      message: `${at(place)}: what ${consumer.name} reads with \`${shorten(code)}\` shows only when it runs.`,
      hint: 'Read links by their names, as in Resource.Orders or Resource["Orders"], to have them checked.',
      place,
    });
  }
  findings.push(...unknownLinks(consumer.name, consumer.unknown ?? []));
  // Code that cannot be verified may read any link.
  if (reads.unverifiable.length === 0) findings.push(...unread(consumer, read));
  return findings;
}

/** What to say of links that are not known before a deployment. */
export function unknownLinks(consumer: string, places: readonly string[]): Finding[] {
  return places.map((place) => ({
    kind: "unverifiable",
    severity: "notice",
    message: `${consumer}: what ${place} is shows only when it is deployed, so it is neither checked nor typed.`,
    hint: "Link the resource itself, or an Output that depends on no resource.",
  }));
}

/** What is read may be one of the links that are not known yet. */
function maybeLinked({ name }: CheckedConsumer, link: string, via: LinkRead["via"], place: Place): Finding {
  return {
    kind: "unverifiable",
    severity: "notice",
    message: `${at(place)}: whether ${name} is linked to ${spelled(link, via)} shows only when it is deployed.`,
    place,
  };
}

function notLinked(
  consumer: CheckedConsumer,
  link: string,
  via: LinkRead["via"],
  place: Place,
  linkables: readonly string[],
): Finding {
  const linked = Object.keys(consumer.links);
  const meant = linkables.includes(link) ? undefined : nearest(link, [...linked, ...linkables]);
  const hint = linkables.includes(link)
    ? `Add ${link} to the \`link: [...]\` of ${consumer.name}.`
    : meant === undefined
      ? `Nothing in the app is called ${link}. ${consumer.name} is linked to ${list(linked)}.`
      : `Did you mean ${meant}? ${consumer.name} is linked to ${list(linked)}.`;
  return {
    kind: "not-linked",
    severity: "error",
    message: `${at(place)}: ${consumer.name} reads ${spelled(link, via)}, but is not linked to it.`,
    hint,
    place,
  };
}

function noSuchProperty(
  consumer: CheckedConsumer,
  link: string,
  property: string,
  properties: readonly string[],
  place: Place,
): Finding {
  const meant = nearest(property, properties);
  return {
    kind: "no-such-property",
    severity: "error",
    message: `${at(place)}: ${consumer.name} reads ${link}.${property}, which the link does not have.`,
    hint: `${meant === undefined ? "" : `Did you mean ${meant}? `}It has ${list(properties)}.`,
    place,
  };
}

/** As the code has it. */
function spelled(link: string, via: LinkRead["via"]): string {
  return `${via ?? "Resource"}.${link}`;
}

/** `my_table` of a typed Python module is the link `my-table`. */
function byLinkName(read: LinkRead, links: readonly string[]): LinkRead {
  const link = read.typed ? links.find((name) => pythonAttribute(name) === read.link) : undefined;
  return link === undefined ? read : { ...read, link };
}

function unread({ name, links }: CheckedConsumer, reads: readonly LinkRead[]): Finding[] {
  const seen = new Set(reads.map(({ link }) => link));
  return Object.keys(links)
    .filter((link) => !seen.has(link))
    .sort()
    .map((link) => ({
      kind: "unread",
      severity: "warning",
      message: `${name} is linked to ${link}, which its code never reads.`,
      hint: "Remove the link, unless the code uses its permissions and has the name from elsewhere.",
    }));
}

const at = ({ file, line, column }: Place): string => `${file}:${line}:${column}`;

const list = (names: readonly string[]): string =>
  names.length > 0 ? [...names].sort().join(", ") : "nothing";

const shorten = (code: string): string => {
  const line = code.replace(/\s+/g, " ");
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
};

/** The name that differs from `name` by the fewest letters, if it is by few. */
function nearest(name: string, others: readonly string[]): string | undefined {
  const ranked = others
    .map((other) => ({ other, edits: edits(name.toLowerCase(), other.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const [best] = ranked;
  return best && best.edits <= Math.max(1, name.length / 2) ? best.other : undefined;
}

/** How many letters have to be added, dropped or changed to make `a` of `b`. */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
