import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { BowlineError } from "../error.ts";

export type Miniflare = typeof import("miniflare");

/** Where miniflare is: as `BOWLINE_MINIFLARE` says, or the app's own, or the one beside Bowline. */
export function findMiniflare(root: string): string | undefined {
  const asked = process.env.BOWLINE_MINIFLARE;
  if (asked) return existsSync(asked) ? asked : undefined;
  for (const from of [join(root, "package.json"), import.meta.url]) {
    try {
      return createRequire(from).resolve("miniflare");
    } catch {
      // Then the next place.
    }
  }
  return undefined;
}

/** Loads what runs Workers here; it weighs too much to come with every installation. */
export async function loadMiniflare(root: string): Promise<Miniflare> {
  const file = findMiniflare(root);
  if (file === undefined) throw noMiniflare();
  return (await import(pathToFileURL(file).href)) as Miniflare;
}

export function noMiniflare(): BowlineError {
  return new BowlineError(
    "no-miniflare",
    "The app has Workers, and miniflare, which runs them here, is not installed.",
    {
      hint: "Install it: npm install --save-dev miniflare@4",
    },
  );
}
