import { type ComponentResourceOptions, type Input, type Output, output } from "@pulumi/pulumi";
import type { App } from "../../config/app.ts";
import { BowlineError } from "../../error.ts";
import { accountId } from "./account.ts";
import { sdk } from "./sdk.ts";

/** A host name of yours: `"api.example.com"`, or with the zone it is in. */
export type WorkerDomain =
  | string
  | { readonly name: string; readonly zone?: string; readonly zoneId?: Input<string> };

export function domainName(domain: WorkerDomain): string {
  return typeof domain === "string" ? domain : domain.name;
}

const HOST = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$/i;
const told = new WeakSet<App>();

/** What is no host name is refused before anything is made. */
export function checkDomain(name: string, domain: WorkerDomain): void {
  const hostname = domainName(domain);
  if (HOST.test(hostname)) return;
  throw new BowlineError("bad-domain", `${name}: the domain is ${JSON.stringify(hostname)}.`, {
    hint: 'Name a host: "api.example.com", without https:// and without a path.',
  });
}

/** Has a Worker answer at a host name, which Cloudflare gives a record and a certificate. */
export function customDomain(
  app: App,
  name: string,
  domain: WorkerDomain,
  scriptName: Output<string>,
  parent: ComponentResourceOptions,
): void {
  const hostname = domainName(domain);
  if (app.home === "local") {
    if (!told.has(app)) {
      app.warn(
        `Custom domains need Cloudflare itself: on this machine Workers answer at their local URLs, and not at ${hostname}.`,
      );
    }
    told.add(app);
    return;
  }
  new (sdk().WorkersCustomDomain)(
    name,
    { accountId: accountId(app), hostname, service: scriptName, zoneId: zoneOf(app, name, domain, parent) },
    parent,
  );
}

function zoneOf(
  app: App,
  name: string,
  domain: WorkerDomain,
  parent: ComponentResourceOptions,
): Input<string> {
  const { name: hostname, zone, zoneId } = typeof domain === "string" ? { name: domain } : domain;
  if (zoneId !== undefined) return zoneId;
  if (app.purpose !== "deploy") return output("");
  const zones = sdk().getZonesOutput({ account: { id: accountId(app) }, maxItems: 1000 }, parent);
  return zones.apply(({ results }) => zoneFor(name, hostname, zone, results));
}

/** The zone that is asked for, or the innermost that the host is in. */
export function zoneFor(
  consumer: string,
  hostname: string,
  asked: string | undefined,
  zones: readonly { readonly id: string; readonly name: string }[],
): string {
  const inside = ({ name }: { readonly name: string }) =>
    asked === undefined ? `.${hostname}`.endsWith(`.${name}`) : name === asked;
  const [found] = zones.filter(inside).toSorted((a, b) => b.name.length - a.name.length);
  if (found) return found.id;
  const known = zones.map(({ name }) => name).slice(0, 5);
  throw new BowlineError(
    "no-zone",
    `${consumer}: the account has no zone ${asked ?? `that ${hostname} is in`}.`,
    {
      hint:
        known.length > 0
          ? `It has ${known.join(", ")}${zones.length > known.length ? ", …" : ""}. Add the domain to Cloudflare, or let the token read the zone.`
          : "Add the domain to Cloudflare, or let the token read zones.",
      exitCode: 1,
    },
  );
}
