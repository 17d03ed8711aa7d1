import { output } from "@pulumi/pulumi";
import type { App } from "../config/app.ts";
import type { LinkItem } from "../link/linkable.ts";

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

/** The list as it is when the program has declared everything. */
export async function declaredLinks(
  app: App,
  items: readonly LinkItem[] | undefined,
): Promise<readonly LinkItem[] | undefined> {
  if (!hasLateLinks(items)) return items;
  await app.declared;
  return items && mapLate(items, (late) => late());
}

function mapLate(items: readonly LinkItem[], replace: (late: LateLink) => LinkItem): readonly LinkItem[] {
  return items.map((item) => {
    if (Array.isArray(item)) return mapLate(item, replace);
    return isLate(item) ? replace(item) : item;
  });
}

/** An arrow function; a class, linked by mistake, is a function as well. */
function isLate(item: unknown): item is LateLink {
  return typeof item === "function" && !Object.hasOwn(item, "prototype");
}
