import { expect, test } from "vitest";
import { formatDotenv, parseDotenv } from "./dotenv.ts";

const PARTS = [
  "a",
  "Z9",
  " ",
  "  ",
  "\n",
  "\r\n",
  "\r",
  "\t",
  '"',
  "'",
  "`",
  "#",
  "$",
  "\\",
  "\\n",
  "=",
  "export ",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a value that looks like an expansion
  "${HOME}",
  "é",
  "🔑",
  "-----BEGIN KEY-----\n",
  "bowline-base64:",
  "\u0000",
];

/** A small seeded generator: the same values at every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

test("5,000 random values load back identical, one file for all", () => {
  const next = random(20);
  const values = new Map(
    Array.from({ length: 5000 }, (_, i) => [
      `SECRET_${i}`,
      Array.from({ length: Math.floor(next() * 8) }, () => PARTS[Math.floor(next() * PARTS.length)]).join(""),
    ]),
  );
  expect(parseDotenv(formatDotenv(values))).toEqual(values);
});

test("what is plain stays plain, and a PEM keeps its lines", () => {
  const pem = "-----BEGIN PRIVATE KEY-----\nMIIE+/=\n-----END PRIVATE KEY-----\n";
  expect(formatDotenv(new Map([["Key", "sk_live_1"]]))).toBe("Key=sk_live_1\n");
  expect(formatDotenv(new Map([["Pem", pem]]))).toBe(`Pem="${pem}"\n`);
});

test("comments and export of a hand-written file are not part of a value", () => {
  expect(parseDotenv("# keys\nexport A=1 # first\nB='two words'\n")).toEqual(
    new Map([
      ["A", "1"],
      ["B", "two words"],
    ]),
  );
});
