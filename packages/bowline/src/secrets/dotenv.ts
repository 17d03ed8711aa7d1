import { parseEnv } from "node:util";

/** Marks a value that no quoting of a dotenv file can hold; only Bowline reads it back. */
const ENCODED = "bowline-base64:";

/**
 * Secrets as a dotenv file that loads back identical. Each value is written in the plainest form that Node's own
 * `util.parseEnv` is seen to read back.
 */
export function formatDotenv(values: ReadonlyMap<string, string>): string {
  return [...values].map(([name, value]) => `${name}=${quoted(value)}\n`).join("");
}

/** The variables of a dotenv file. */
export function parseDotenv(text: string): Map<string, string> {
  const entries = Object.entries(parseEnv(text)) as [string, string][];
  return new Map(
    entries.map(([name, value]) => [
      name,
      value.startsWith(ENCODED) ? Buffer.from(value.slice(ENCODED.length), "base64").toString("utf8") : value,
    ]),
  );
}

function quoted(value: string): string {
  const encoded = `${ENCODED}${Buffer.from(value).toString("base64")}`;
  if (value.startsWith(ENCODED)) return encoded;
  const forms = [
    /^[\w./:@%+,-]+$/.test(value) ? value : undefined,
    `"${value}"`,
    `'${value}'`,
    `\`${value}\``,
  ];
  return forms.find((form) => form !== undefined && readsBack(form, value)) ?? encoded;
}

/** Between two neighbours, so that a form that swallows the next line is not taken. */
function readsBack(form: string, value: string): boolean {
  const read = parseEnv(`BEFORE=1\nVALUE=${form}\nAFTER="2"\n`);
  return read.VALUE === value && read.BEFORE === "1" && read.AFTER === "2" && Object.keys(read).length === 3;
}
