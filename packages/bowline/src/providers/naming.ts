/** Names for resources that the program leaves unnamed. */
import type { ResourceContext } from "@bowline/engine";

export interface NameRules {
  /** The longest name the service takes. */
  readonly maxLength: number;
  readonly lowerCase?: boolean;
  /** What the service does not take; each becomes a hyphen. */
  readonly forbidden?: RegExp;
}

const SEED_LENGTH = 7;

/**
 * `PROJECT-STACK-NAME-1a2b3c4`, cut to the service's limit in front of the last part, which makes it unique:
 * the same in preview and in the run that follows, another one for a replacement.
 */
export function generatedName(context: ResourceContext, rules: NameRules, suffix = ""): string {
  return withSeed(context, `${context.project}-${context.stack}-${context.name}-`, rules, suffix);
}

/** A name that begins with what the program asks for (`namePrefix`). */
export function prefixedName(
  context: ResourceContext,
  prefix: string,
  rules: NameRules,
  suffix = "",
): string {
  return withSeed(context, prefix, rules, suffix);
}

function withSeed(context: ResourceContext, prefix: string, rules: NameRules, suffix: string): string {
  const seed = Buffer.from(context.randomSeed).toString("hex").slice(0, SEED_LENGTH);
  const clean = prefix.replace(rules.forbidden ?? /[^A-Za-z0-9_-]/g, "-");
  const room = rules.maxLength - SEED_LENGTH - suffix.length;
  const kept = clean.length <= room ? clean : `${clean.slice(0, room - 1)}-`;
  const name = kept + seed + suffix;
  return rules.lowerCase ? name.toLowerCase() : name;
}

/**
 * Whether a name ends as generated ones do. A resource of such a name that exists already when we want to create it
 * can only be an attempt of ours that was cut short; one under a name the user chose may be someone else's.
 */
export function looksGenerated(name: string): boolean {
  return /-[0-9a-f]{7}(\.fifo)?$/.test(name);
}

/** Whether two names were generated for one resource: they differ in what makes them unique. */
export function differOnlyBySeed(name: string, other: string, suffix = ""): boolean {
  const stem = (text: string) => text.slice(0, -(SEED_LENGTH + suffix.length));
  return looksGenerated(name) && stem(name) === stem(other);
}
