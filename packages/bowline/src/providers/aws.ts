/** The account that handlers work on. */
import type { ResourceContext } from "@bowline/engine";
import type { Client } from "./client.ts";

export interface Aws {
  readonly client: Client;
  readonly endpoint: string;
  readonly region: string;
  readonly accountId: string;
  /** Where the program's relative paths begin. */
  readonly cwd: string;
  /** `arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE`. */
  arn(service: string, resource: string): string;
  /** The same for services without regions: IAM. */
  globalArn(service: string, resource: string): string;
}

export type Tags = Readonly<Record<string, string>>;

/** A resource's own tags over the provider's `defaultTags`. */
export function allTags(
  tags: Tags | undefined,
  context: { readonly config?: ResourceContext["config"] },
): Tags {
  const given = context.config?.defaultTags;
  // Engines hand nested provider configuration over as JSON text.
  const defaults = (typeof given === "string" ? parsed(given) : given) as { tags?: Tags } | undefined;
  return { ...defaults?.tags, ...tags };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** As most services spell tags. */
export function tagList(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

interface Tagged {
  readonly tags?: Tags;
}

/** What to put and what to remove so that a resource's tags become what the program says. */
export function tagChanges(
  inputs: Tagged,
  old: Tagged | undefined,
  context: ResourceContext,
): { put: Tags; removed: string[] } {
  const now = allTags(inputs.tags, context);
  const before = old ? allTags(old.tags, context) : {};
  return {
    put: Object.fromEntries(Object.entries(now).filter(([key, value]) => before[key] !== value)),
    removed: Object.keys(before).filter((key) => !(key in now)),
  };
}

export function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}

/** A policy, given as text or as a document, in one form. Unknown text stays as it is. */
export function jsonText(document: string | object): string {
  if (typeof document !== "string") return JSON.stringify(document);
  const value = parsed(document);
  return value === undefined ? document : JSON.stringify(value);
}

/** The name a resource goes by in an ARN, or the name itself. */
export function nameOf(arnOrName: string): string {
  return arnOrName.startsWith("arn:") ? (arnOrName.split(/[:/]/).at(-1) ?? arnOrName) : arnOrName;
}
