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
  if (UNREACHABLE.has(name)) {
    throw new BowlineError(
      "bad-name",
      `${what} is named "${name}", which handlers could not read: it is a method of Resource.`,
      {
        hint: `Name it "${name.charAt(0).toUpperCase()}${name.slice(1)}", for example.`,
      },
    );
  }
  return name;
}

/** What JavaScript objects and Python mappings have of their own. */
const UNREACHABLE = new Set([
  ...["for", "then", "toJSON", "constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable"],
  ...["toLocaleString", "toString", "valueOf", "get", "items", "keys", "values"],
]);

/** What tells two names apart: neither case nor the choice between `-` and `_` does. */
export function nameKey(name: string): string {
  return name.toLowerCase().replaceAll("-", "_");
}
