/** Random sets of links, in environments as a deployment writes them. For tests. */
import { createCipheriv } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { random } from "./random.fixture.ts";

export interface LinkSet {
  readonly links: Readonly<Record<string, object>>;
  readonly env: Readonly<Record<string, string>>;
}

const letters = [..."aZ09-_ .:/\\\"'\n\t\r{}[]#$&=é日😀\u0000\u007f\u2028"];

/** Writes the encrypted files into `folder`. */
export function* linkSets(seed: number, count: number, folder: string): Generator<LinkSet> {
  const next = random(seed);
  const pick = <T>(list: readonly T[]): T => list[next(list.length)] as T;
  const text = (longest: number) => Array.from({ length: next(longest) }, () => pick(letters)).join("");

  /** Any JSON value; whole numbers as large as both languages hold exactly. */
  function value(depth: number): unknown {
    switch (next(depth > 0 ? 7 : 5)) {
      case 0:
        return text(40);
      case 1:
        return next(2 ** 31) - 2 ** 30;
      case 2:
        return next(1e6) / 1024;
      case 3:
        return next(2) === 0;
      case 4:
        return null;
      case 5:
        return Array.from({ length: next(4) }, () => value(depth - 1));
      default:
        return object(depth - 1);
    }
  }

  // A fault of Node 24: where an object before it had the key of a lone backslash, an escaped key of one character is
  // taken for that: JSON.parse(String.raw`[{"b":{"a":1,"\\":3}},{"b":{"a":2,"\"":2}}]`)[1].b has no key ".
  const key = () => text(12).replace(/^\\$/, "two \\\\");
  const object = (depth: number) =>
    Object.fromEntries(Array.from({ length: next(5) }, () => [key(), value(depth)]));
  const name = () =>
    pick([..."abcXYZ"]) + Array.from({ length: next(12) }, () => pick([..."abcXYZ019-_"])).join("");

  /** Some links in variables, the others encrypted. */
  function environment(links: Readonly<Record<string, object>>, index: number): Record<string, string> {
    const entries = Object.entries(links);
    const hidden = Object.fromEntries(entries.filter(() => next(2) === 0));
    const shown = entries.filter(([one]) => !(one in hidden));
    const env = Object.fromEntries(shown.map(([one, link]) => [`SST_RESOURCE_${one}`, JSON.stringify(link)]));
    if (Object.keys(hidden).length === 0) return env;
    const secret = Buffer.from(Array.from({ length: 32 }, () => next(256)));
    const cipher = createCipheriv("aes-256-gcm", secret, Buffer.alloc(12));
    const file = join(folder, `${index}.enc`);
    writeFileSync(
      file,
      Buffer.concat([cipher.update(JSON.stringify(hidden)), cipher.final(), cipher.getAuthTag()]),
    );
    return { ...env, SST_KEY_FILE: file, SST_KEY: secret.toString("base64") };
  }

  for (let index = 0; index < count; index++) {
    const links = Object.fromEntries(
      Array.from({ length: 1 + next(8) }, () => [name(), { ...object(3), type: "t" }]),
    );
    yield { links, env: environment(links, index) };
  }
}
