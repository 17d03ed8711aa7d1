/** What a target gets of an event: all of it, a part, a constant, or a text with parts put in. */
import type { BusEvent, Target } from "./model.ts";

type PathStep = string | number | "*";

/** Reads `$.detail.items[0]['a b'][*]`; undefined when it is no such path. */
export function parsePath(path: string): PathStep[] | undefined {
  if (!path.startsWith("$")) return undefined;
  const steps: PathStep[] = [];
  const pattern = /\.([^.[\]]+)|\[(\d+|\*)\]|\['([^']*)'\]/y;
  pattern.lastIndex = 1;
  while (pattern.lastIndex < path.length) {
    const match = pattern.exec(path);
    if (!match) return undefined;
    const [, member, index, quoted] = match;
    steps.push(member ?? quoted ?? (index === "*" ? "*" : Number(index)));
  }
  return steps;
}

/** The value at a path; undefined when there is none. */
export function valueAt(value: unknown, steps: readonly PathStep[]): unknown {
  let current = value;
  for (const [position, step] of steps.entries()) {
    if (typeof current !== "object" || current === null) return undefined;
    if (step === "*") {
      return Object.values(current).map((one) => valueAt(one, steps.slice(position + 1)));
    }
    current = Object.hasOwn(current, step) ? (current as Record<PathStep, unknown>)[step] : undefined;
  }
  return current;
}

/** Fills a template: inside quotes a value is text, outside it is JSON. */
function fill(template: string, values: ReadonlyMap<string, unknown>): string {
  let result = "";
  let quoted = false;
  for (let index = 0; index < template.length; index++) {
    const character = template.charAt(index);
    if (character === "\\") {
      result += template.slice(index, index + 2);
      index++;
      continue;
    }
    if (character === '"') quoted = !quoted;
    const end = character === "<" ? template.indexOf(">", index) : -1;
    const name = end > 0 ? template.slice(index + 1, end) : undefined;
    if (name === undefined || !/^[\w.-]+$/.test(name)) {
      result += character;
      continue;
    }
    const value = values.get(name);
    if (!quoted) result += value === undefined ? "null" : JSON.stringify(value);
    else if (value !== undefined) {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      result += JSON.stringify(text).slice(1, -1);
    }
    index = end;
  }
  return result;
}

/** The payload of a target, as text. */
export function payloadFor(
  target: Target,
  event: BusEvent,
  rule: { readonly arn: string; readonly name: string },
): string {
  if (target.Input !== undefined) return target.Input;
  if (target.InputPath !== undefined) {
    const steps = parsePath(target.InputPath);
    return JSON.stringify(steps && valueAt(event, steps)) ?? "null";
  }
  const { InputTransformer } = target;
  if (!InputTransformer) return JSON.stringify(event);
  const values = new Map<string, unknown>([
    ["aws.events.rule-arn", rule.arn],
    ["aws.events.rule-name", rule.name],
    ["aws.events.event.ingestion-time", event.time],
    ["aws.events.event", withoutDetail(event)],
    ["aws.events.event.json", event],
  ]);
  for (const [name, path] of Object.entries(InputTransformer.InputPathsMap ?? {})) {
    const steps = parsePath(path);
    values.set(name, steps && valueAt(event, steps));
  }
  return fill(InputTransformer.InputTemplate, values);
}

function withoutDetail({ detail: _, ...rest }: BusEvent) {
  return rest;
}
