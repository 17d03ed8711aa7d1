import { output } from "@pulumi/pulumi";
import type { App } from "../config/app.ts";
import type { LinkItem } from "../link/linkable.ts";
import { hasOutputs, settleOutputs } from "../link/settle.ts";

/** A link to what is declared further down: `link: [() => pong]`. */
export type LateLink = () => LinkItem;

/** Whether any link of a list, however nested, is to what is declared further down. */
export function hasLateLinks(items: unknown): boolean {
  return Array.isArray(items) ? items.some(hasLateLinks) : isLate(items);
}

/** The list with Outputs for late links: they resolve when the program has declared everything. */
export function lateLinks(app: App, items: readonly LinkItem[] | undefined): readonly LinkItem[] | undefined {
  return items && mapLate(items, (late) => output<unknown>(app.declared.then(late)));
}

/**
 * The list as it is when the program has declared everything, with what is known of its Outputs. What depends on a
 * resource is known in a plan, as far as it can be; before resources are created it is not waited for.
 */
export async function declaredLinks(
  app: App,
  items: readonly LinkItem[] | undefined,
): Promise<readonly LinkItem[] | undefined> {
  if (!hasLateLinks(items) && !hasOutputs(items)) return items;
  await app.declared;
  const declared = items && mapLate(items, (late) => late());
  return (await settleOutputs(declared, app.planning ? undefined : afterMicrotasks())) as typeof declared;
}

/** When everything has come to pass that waits for nothing but itself. */
function afterMicrotasks(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

function mapLate(items: readonly LinkItem[], replace: (late: LateLink) => LinkItem): readonly LinkItem[] {
  // What is no list is told of, or resolved, by who collects the links.
  if (!Array.isArray(items)) return items;
  return items.map((item) => {
    if (Array.isArray(item)) return mapLate(item, replace);
    return isLate(item) ? replace(item) : item;
  });
}

/** An arrow function; a class, linked by mistake, is a function as well. */
function isLate(item: unknown): item is LateLink {
  return typeof item === "function" && !Object.hasOwn(item, "prototype");
}
