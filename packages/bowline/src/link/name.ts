import { BowlineError } from "../error.ts";

const LEGAL = /^[A-Za-z][A-Za-z0-9_-]*$/;
const LONGEST = 64;

/** Names become variables, object keys and attributes, so they have one alphabet everywhere. */
export function checkName(name: unknown, what: string): string {
  if (typeof name !== "string" || !LEGAL.test(name)) {
    throw new BowlineError("bad-name", `${what} is named ${JSON.stringify(name)}, which cannot be a name.`, {
      hint: 'Use letters, digits, - and _, and begin with a letter: "Uploads", "order-queue".',
    });
  }
  if (name.length > LONGEST) {
    throw new BowlineError(
      "bad-name",
      `${what} is named "${name}": ${name.length} characters, of which ${LONGEST} are allowed.`,
    );
  }
  if (name.toLowerCase() === "app") {
    throw new BowlineError(
      "bad-name",
      `${what} is named "${name}", which is reserved for the app's own name and stage.`,
      {
        hint: "Choose another name.",
      },
    );
  }
  return name;
}

/** What tells two names apart: neither case nor the choice between `-` and `_` does. */
export function nameKey(name: string): string {
  return name.toLowerCase().replaceAll("-", "_");
}
