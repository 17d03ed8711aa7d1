import type { AuditEvent } from "@bowline/cloud";
import type { Manifest } from "../deploy/manifest.ts";
import { levelAllowing } from "../link/access.ts";

/** A denial in the app's own words: which function, which resource, and the link that would allow it. */
export interface Denial {
  readonly consumer: string;
  readonly action: string;
  readonly resource: string;
  readonly message: string;
  readonly hint: string;
}

export function explainDenial(event: AuditEvent, manifest: Manifest | undefined): Denial {
  const consumer = manifest?.consumers.find(
    (candidate) => roleName(candidate.roleArn) === roleName(event.principal),
  );
  const target = manifest?.linkables
    .filter((link) => typeof link.value.arn === "string" && belongsTo(event.resource, link.value.arn))
    .toSorted((a, b) => String(b.value.arn).length - String(a.value.arn).length)[0];
  const who = consumer?.name ?? event.principal;
  const what = target?.name ?? event.resource;
  return {
    consumer: who,
    action: event.action,
    resource: what,
    message: `${who} may not ${event.action} on ${what}`,
    hint: hintOf(event, consumer, target),
  };
}

function hintOf(
  event: AuditEvent,
  consumer: Manifest["consumers"][number] | undefined,
  target: Manifest["linkables"][number] | undefined,
): string {
  if (!consumer) return event.reason;
  if (!target)
    return `${consumer.name} is linked to nothing that has ${event.resource}. Link the resource, or grant it in permissions.`;
  const level = levelAllowing(target.type, event.action);
  const own = consumer.links.find((link) => link.value.arn === target.value.arn);
  const now = own ? `It has ${own.origin} on ${target.name}` : `It has no link to ${target.name}`;
  const access = level ? `"${level}"` : `{ actions: ["${event.action}"] }`;
  return `${now}; access ${access} would allow it: link: [${camel(target.name)}.link(${withPresent(own?.origin, access)})]`;
}

/** `link("read")` and the level that is missing, as one call. */
function withPresent(origin: string | undefined, access: string): string {
  const levels = /^link\((.*)\)$/.exec(origin ?? "")?.[1];
  return levels ? `${levels}, ${access}` : access;
}

function camel(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1).replaceAll("-", "_");
}

function belongsTo(resource: string, arn: string): boolean {
  return resource === arn || resource.startsWith(`${arn}/`);
}

/** The role behind a role's ARN or an assumed role's. */
function roleName(arn: string): string | undefined {
  return /:assumed-role\/([^/]+)\//.exec(arn)?.[1] ?? /:role\/(?:.*\/)?([^/]+)$/.exec(arn)?.[1];
}
