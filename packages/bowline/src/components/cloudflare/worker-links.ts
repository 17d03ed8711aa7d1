import { all, type Input, isSecret, type Output, output, secret, unsecret } from "@pulumi/pulumi";
import type { App } from "../../config/app.ts";
import { BowlineError } from "../../error.ts";
import { type BindingKind, bindingKinds } from "../../link/binding.ts";
import { partsOf } from "../../link/binding-parts.ts";
import { collectLinks, type LinkItem } from "../../link/linkable.ts";
import { VARIABLE_PREFIX } from "../../link/payload.ts";
import { type ResolvedBinding, type ResolvedLink, resolveLinks } from "../../link/resolve.ts";
import { lateLinks } from "../late-links.ts";
import type { ScriptBinding } from "./script-binding.ts";
import { checkNames, PATHS } from "./worker-names.ts";

/** What follows from a Worker's links. */
export interface LinkedWorker {
  readonly links: Output<ResolvedLink[]>;
  readonly bindings: Output<ScriptBinding[]>;
}

/** What Cloudflare takes as the text of one binding. */
const LONGEST_TEXT = 5 * 1024;

/**
 * Derives a Worker's bindings from its links: those of each link, and the link's properties beside them.
 * What is secret is a secret binding, which no one can read back.
 */
export function linkToWorker(
  app: App,
  name: string,
  args: {
    readonly link?: readonly LinkItem[];
    readonly environment?: Readonly<Record<string, Input<string>>>;
    /** Bindings of the Worker's own: Durable Objects, assets. */
    readonly own: readonly ScriptBinding[];
  },
): LinkedWorker {
  const environment = args.environment ?? {};
  checkNames(name, args.link, environment, args.own);
  const links = resolveLinks(name, lateLinks(app, args.link));
  const variables = Object.entries(environment).map(([variable, value]) => {
    const given = output(value);
    return all([given, output(isSecret(given))]).apply(([text, hidden]) => ({ variable, text, hidden }));
  });
  const bindings = all([links, all(variables)]).apply(([resolved, given]) =>
    plainly([
      ...linkBindings(app, name, resolved as readonly ResolvedLink[]),
      ...Object.entries(plainEnvironment(resolved as readonly ResolvedLink[]))
        .filter(([variable]) => !Object.hasOwn(environment, variable))
        .map(([variable, text]) => textBinding(variable, text, false)),
      ...given.map(({ variable, text, hidden }) => textBinding(variable, text, hidden)),
    ]),
  );
  return { links, bindings: output(bindings).apply((found) => [...found, ...args.own]) };
}

/** Only what is secret is marked so: the rest stays readable in a diff. */
function plainly(bindings: readonly ScriptBinding[]): Output<ScriptBinding[]> {
  return unsecret(
    output(
      bindings
        .toSorted((a, b) => (String(a.name) < String(b.name) ? -1 : 1))
        .map((one) => (one.type === "secret_text" ? { ...one, text: secret(one.text) } : one)),
    ),
  ) as Output<ScriptBinding[]>;
}

function plainEnvironment(links: readonly ResolvedLink[]): Record<string, string> {
  return Object.assign({}, ...links.map((link) => link.environment));
}

function textBinding(name: string, text: string, hidden: boolean): ScriptBinding {
  return { name, type: hidden ? "secret_text" : "plain_text", text };
}

function linkBindings(app: App, consumer: string, links: readonly ResolvedLink[]): ScriptBinding[] {
  const paths: Record<string, string> = {};
  const place = (raw: string, path: string) => {
    if (raw !== path) paths[raw] = path;
    return raw;
  };
  const found = links.flatMap((link) => {
    const raw = rawName(link.name);
    const parts = partsOf(consumer, link);
    const text = JSON.stringify(link.value);
    if (Buffer.byteLength(text) > LONGEST_TEXT) throw tooLong(consumer, link.name, Buffer.byteLength(text));
    return [
      textBinding(VARIABLE_PREFIX + place(raw, link.name), text, link.sensitive),
      ...parts.map(({ part, binding }) =>
        scriptBinding(part === undefined ? raw : place(`${raw}__${part}`, `${link.name}.${part}`), binding),
      ),
    ];
  });
  return [
    ...found,
    textBinding(`${VARIABLE_PREFIX}App`, JSON.stringify({ name: app.name, stage: app.stage }), false),
    ...(Object.keys(paths).length > 0 ? [textBinding(PATHS, JSON.stringify(paths), false)] : []),
  ];
}

/** Names of bindings are names in JavaScript; those of links may have a `-`. */
function rawName(link: string): string {
  return link.replaceAll("-", "_");
}

function scriptBinding(name: string, binding: ResolvedBinding): ScriptBinding {
  const kind = bindingKinds[binding.type as BindingKind];
  // SST's documents call a queue's name `queue`.
  const { queue, ...properties } = binding.properties;
  return { name, type: kind.type, ...properties, ...(queue === undefined ? {} : { queueName: queue }) };
}

/**
 * The links of a Worker and what each holds, as far as that is known at once; undefined when some come later.
 * Of a link that is a binding the methods are the runtime's to know.
 */
export function knownBindings(
  consumer: string,
  items: unknown,
): Record<string, readonly string[] | undefined> | undefined {
  const { links, later } = collectLinks(consumer, items);
  if (later.length > 0) return undefined;
  return Object.fromEntries(
    links.map((link) => {
      const bindings = link.include.filter((item) => item.kind === "binding");
      const parts = partsOf(consumer, { name: link.name, bindings }).map(({ part }) => part);
      return [
        link.name,
        parts.includes(undefined)
          ? undefined
          : [...Object.keys(link.properties), ...parts.filter((part) => part !== undefined)],
      ];
    }),
  );
}

function tooLong(consumer: string, link: string, size: number): BowlineError {
  return new BowlineError(
    "link-too-long",
    `${consumer}: the properties of the link ${link} are ${size} bytes; a Worker takes ${LONGEST_TEXT} of each.`,
    { hint: "Put what is long into a bucket or a KV namespace, and link that." },
  );
}
