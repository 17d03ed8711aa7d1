import { spawnSync } from "node:child_process";
import { createCipheriv } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test, vi } from "vitest";
import { readLinks } from "./links.ts";
import { random } from "./random.fixture.ts";
import { createResource } from "./resource.ts";

// Thousands of small files and parses: quick alone, slow where many tests share few cores.
vi.setConfig({ testTimeout: 180_000 });

const seed = 20_240_611;
const rounds = 10_000;
const folder = mkdtempSync(join(tmpdir(), "bowline-fuzz-"));
afterAll(() => rmSync(folder, { recursive: true }));

const whole = '{"name":"sk_live_canary","list":[1,null,{"a":true}],"é":"\\u00e9😀","type":"aws.Bucket"}';
const letters = [
  "{",
  "}",
  "[",
  "]",
  '"',
  ":",
  ",",
  "\\",
  "0",
  "e",
  "-",
  " ",
  "\n",
  "x",
  "é",
  "😀",
  "u",
  "null",
  "\u0001",
];

/** `whole`, changed in one to three places, until it is a JSON object no more. */
function malformed(next: (below: number) => number): string {
  for (;;) {
    let text = whole;
    for (let changes = 1 + next(3); changes > 0; changes--) {
      const at = next(text.length + 1);
      const drop = next(2) === 0 ? next(text.length) : next(3);
      text =
        text.slice(0, at) +
        (next(2) === 0 ? (letters[next(letters.length)] ?? "") : "") +
        text.slice(at + drop);
    }
    if (text.trim() !== "" && text.isWellFormed() && !isObject(text)) return text;
  }
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function encrypted(): { data: Buffer; key: string } {
  const key = Buffer.alloc(32, 3);
  const cipher = createCipheriv("aes-256-gcm", key, Buffer.alloc(12));
  const text = `{"Secret":${whole},"Other":{"v":1}}`;
  return {
    data: Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]),
    key: key.toString("base64"),
  };
}

/** The bytes cut short at every length, and with each of their bits flipped. */
function* damaged(data: Buffer): Iterable<Buffer> {
  for (let length = 0; length < data.length; length++) yield data.subarray(0, length);
  for (let bit = 0; bit < data.length * 8; bit++) {
    const copy = Buffer.from(data);
    copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    yield copy;
  }
}

const next = random(seed);
const texts = Array.from({ length: rounds }, () => malformed(next));
const { data, key } = encrypted();
const files = [...damaged(data)];
const file = join(folder, "resource.enc");
const good = '{"name":"good"}';
const refusal = (what: string) => `Cannot read ${what}: missing, damaged or not a JSON object. Deploy again.`;

describe("TypeScript", () => {
  test("each of 10,000 malformed variables breaks its own link, with one clear error", () => {
    for (const text of texts) {
      const resource = createResource(() => readLinks({ SST_RESOURCE_Bad: text, SST_RESOURCE_Good: good }));
      expect(() => Reflect.get(resource, "Bad")).toThrow(new Error(refusal("SST_RESOURCE_Bad")));
      expect(Reflect.get(resource, "Good")).toEqual({ name: "good" });
    }
  });

  test("a file is refused at every length and with any bit flipped, and the variables stay readable", () => {
    for (const bytes of files) {
      writeFileSync(file, bytes);
      const env = { SST_KEY_FILE: file, SST_KEY: key, SST_RESOURCE_Good: good };
      const resource = createResource(() => readLinks(env));
      expect(() => Reflect.get(resource, "Secret")).toThrow(new Error(refusal(file)));
      expect(Reflect.get(resource, "Good")).toEqual({ name: "good" });
    }
  });
});

const python = spawnSync("python3", ["--version"]);
if (python.error) console.warn(`The Python SDK is not tested: ${python.error.message}.`);

test.skipIf(python.error)("Python refuses the same variables and files", () => {
  const script = fileURLToPath(new URL("../../../python/tests/read_damaged.py", import.meta.url));
  const input = JSON.stringify({ texts, files: files.map((bytes) => bytes.toString("base64")), key, folder });
  const run = spawnSync("python3", ["-B", script], { input, encoding: "utf8", maxBuffer: 2 ** 26 });
  expect(run.stderr).toBe("");
  expect(JSON.parse(run.stdout)).toEqual({
    variables: [refusal("SST_RESOURCE_Bad")],
    files: [refusal(join(folder, "python.enc"))],
  });
});
