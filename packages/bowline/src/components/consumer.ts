import { all, type Input, isSecret, type Output, output, secret, unsecret } from "@pulumi/pulumi";
import type { App } from "../config/app.ts";
import { BowlineError } from "../error.ts";
import type { Permission, PermissionArgs } from "../link/include.ts";
import { permission } from "../link/include.ts";
import { collectLinks, type LinkItem } from "../link/linkable.ts";
import { type LinkValue, placeInLambda, roomBeside, VARIABLE_PREFIX, variableSize } from "../link/payload.ts";
import { managedPoliciesFor, type Policies, writePolicies } from "../link/policy.ts";
import { type ResolvedLink, resolveLinks, resolvePermission } from "../link/resolve.ts";
import type { Statement } from "../link/statement.ts";
import { OWN } from "../link/words.ts";
import { stelvioEnvironment } from "../types/stelvio.ts";
import { declaredLinks, lateLinks } from "./late-links.ts";

/** What everything that takes `link: [...]` takes. */
export interface ConsumerArgs {
  /** What it uses. What is declared further down is linked by a function: `() => pong`. */
  readonly link?: readonly LinkItem[];
  /** Permissions besides those of its links. */
  readonly permissions?: readonly PermissionArgs[];
  /** Variables besides those of its links; they win over a link's plain environment. */
  readonly environment?: Readonly<Record<string, Input<string>>>;
}

/** What follows from a consumer's links. */
export interface LinkedConsumer {
  readonly links: Output<ResolvedLink[]>;
  /** The consumer's own permissions. */
  readonly permissions: Output<Statement[]>;
  /** How many managed policies there are besides the inline one; undefined when nothing can be granted. */
  readonly managed: number | undefined;
  readonly policies: Output<Policies>;
  readonly variables: Output<Record<string, string>>;
  /** `resource.enc` in base64 (an Output copies objects, and bytes would not survive), when there is need of one. */
  readonly file: Output<string | undefined>;
}

/**
 * Derives policy, variables and payload of a Lambda function from its links.
 * `stelvio` adds the variables a Stelvio handler reads, but for what is secret.
 */
export function linkToLambda(app: App, name: string, args: ConsumerArgs, stelvio = false): LinkedConsumer {
  checkEnvironment(name, args.environment ?? {});
  if (app.purpose === "types") return NOTHING_YET;
  const items = lateLinks(app, args.link);
  const links = resolveLinks(name, items);
  const own = all((args.permissions ?? []).map((given) => resolvePermission(permission(given))));
  const environment = output(args.environment ?? {}) as Output<Record<string, string>>;
  const secretEnvironment = isSecret(environment);
  const placed = all([links, environment, output(secretEnvironment)]).apply(([resolved, plain, hidden]) => {
    const base = { [`${VARIABLE_PREFIX}App`]: JSON.stringify({ name: app.name, stage: app.stage }) };
    const needed: Record<string, string> = Object.assign(
      {},
      ...resolved.map((link) => link.environment),
      plain,
      base,
    );
    const before = stelvio
      ? { ...stelvioVariables(resolved, roomBeside(sizeOf(needed))), ...needed }
      : needed;
    const placement = placeInLambda(resolved.map(toValue), {
      consumer: name,
      stageKey: app.payloadKey,
      used: sizeOf(before),
    });
    return {
      before,
      hidden,
      placement: { ...placement, file: placement.file && Buffer.from(placement.file).toString("base64") },
    };
  });
  const known = knownPermissions(name, { ...args, link: items });
  const { later } = collectLinks(name, items);
  if (later.length > 0) {
    app.require(
      declaredLinks(app, args.link).then((link) => {
        const partial = collectLinks(name, link).later.length > 0;
        tell(app, name, knownPermissions(name, { ...args, link }), partial);
      }),
    );
  } else tell(app, name, known);
  const managed = grantsSomething(args)
    ? managedPoliciesFor(
        known.map((item) => item.permission),
        later.length,
      )
    : undefined;
  return {
    links,
    permissions: own as Output<Statement[]>,
    managed,
    // A policy names what a link stands for, never a link's secret value.
    policies: unsecret(
      all([links, own]).apply(([resolved, mine]) => policiesOf(name, resolved, mine, managed ?? 0)),
    ) as Output<Policies>,
    variables: variablesOf(placed),
    file: secret(placed.apply(({ placement }) => placement.file)),
  };
}

/** Types follow from links alone; what else would follow takes most of the time. */
const NOTHING_YET: LinkedConsumer = {
  links: output<ResolvedLink[]>([]),
  permissions: output<Statement[]>([]),
  managed: undefined,
  policies: output({ inline: "", managed: [] }),
  variables: output({}) as Output<Record<string, string>>,
  file: output(undefined),
};

function tell(app: App, consumer: string, known: ReturnType<typeof knownPermissions>, partial = false): void {
  app.granted({
    consumer,
    ...(partial ? { partial } : {}),
    grants: known.map(({ link, origin, permission: { effect, actions } }) => ({
      link,
      origin,
      effect,
      actions,
    })),
  });
}

/** Only what is secret is marked so: the rest stays readable in a diff. */
function variablesOf(
  placed: Output<{
    before: Record<string, string>;
    hidden: boolean;
    placement: { variables: Readonly<Record<string, string>> };
  }>,
): Output<Record<string, string>> {
  const open = unsecret(
    placed.apply(({ before, hidden, placement: { variables } }) => ({
      ...(hidden ? {} : before),
      ...Object.fromEntries(Object.entries(variables).filter(([name]) => name !== "SST_KEY")),
    })),
  );
  const closed = placed.apply(({ before, hidden, placement: { variables } }) => ({
    ...(hidden ? before : {}),
    ...(variables.SST_KEY === undefined ? {} : { SST_KEY: variables.SST_KEY }),
  }));
  return all([open, closed]).apply(([a, b]) =>
    unsecret(output(Object.keys(b).length === 0 ? a : { ...a, ...secretValues(b) })),
  ) as Output<Record<string, string>>;
}

/** As many links' as there is room for: the generated module finds the others where the SDK does. */
function stelvioVariables(links: readonly ResolvedLink[], room: number): Record<string, string> {
  const variables: Record<string, string> = {};
  let left = room;
  for (const { name, type, value, sensitive } of links) {
    if (sensitive) continue;
    const own = stelvioEnvironment(name, type, value);
    const size = sizeOf(own);
    if (size > left) continue;
    Object.assign(variables, own);
    left -= size;
  }
  return variables;
}

function secretValues(values: Record<string, string>): Record<string, Output<string>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, secret(value)]));
}

function toValue(link: ResolvedLink): LinkValue {
  return { name: link.name, value: link.value, sensitive: link.sensitive };
}

function sizeOf(variables: Record<string, string>): number {
  return Object.entries(variables).reduce((sum, [name, value]) => sum + variableSize(name, value), 0);
}

/** A role policy cannot be empty, and whether there is one must be known before Outputs are. */
function grantsSomething(args: ConsumerArgs): boolean {
  return (
    (args.permissions?.length ?? 0) > 0 ||
    (Array.isArray(args.link) ? args.link.length > 0 : args.link !== undefined)
  );
}

/** What is known of the permissions before any Output is. */
function knownPermissions(
  name: string,
  args: ConsumerArgs,
): { link: string; origin: string; permission: Permission }[] {
  const included = collectLinks(name, args.link).links.flatMap((link) =>
    link.include
      .filter((item): item is Permission => item.kind === "permission")
      .map((item) => ({ link: link.name, origin: link.origin, permission: item })),
  );
  const own = (args.permissions ?? []).map((given) => ({
    link: OWN,
    origin: OWN,
    permission: permission(given),
  }));
  return [...included, ...own];
}

function policiesOf(
  name: string,
  links: readonly ResolvedLink[],
  own: readonly Statement[],
  managed: number,
): Policies {
  return writePolicies(
    name,
    [...links.flatMap((link) => link.statements), ...own],
    managed,
    links.map((link) => ({ link: link.name, size: JSON.stringify(link.statements).length })),
  );
}

/** The links of a consumer and what each holds, as far as that is known; and where those are that are not. */
export function knownLinks(
  name: string,
  args: ConsumerArgs,
): { readonly links: Record<string, readonly string[]>; readonly unknown: readonly string[] } {
  const { links, places } = collectLinks(name, args.link);
  const known: Record<string, readonly string[]> = {};
  for (const link of links) known[link.name] = [...(known[link.name] ?? []), ...Object.keys(link.properties)];
  return { links: known, unknown: places };
}

function checkEnvironment(name: string, environment: Readonly<Record<string, unknown>>): void {
  for (const variable of Object.keys(environment)) {
    if (variable.startsWith(VARIABLE_PREFIX) || variable === "SST_KEY" || variable === "SST_KEY_FILE") {
      throw new BowlineError("reserved-variable", `${name}: the variable ${variable} belongs to links.`, {
        hint: "Link a resource to set it, or use another name.",
      });
    }
  }
}
