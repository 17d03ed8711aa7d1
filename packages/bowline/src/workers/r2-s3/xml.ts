/** What S3 says in XML, and reads of it. */

/** An element: its name, and its text or what is in it. */
export type Element = readonly [name: string, content: string | number | readonly Element[]];

export class S3Error extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export function xml(root: string, elements: readonly Element[], status = 200): Response {
  const text = `<?xml version="1.0" encoding="UTF-8"?>\n${write([root, elements], ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"')}`;
  return new Response(text, { status, headers: { "content-type": "application/xml" } });
}

function write([name, content]: Element, attributes = ""): string {
  const inner = Array.isArray(content)
    ? content.map((element) => write(element)).join("")
    : escaped(String(content));
  return `<${name}${attributes}>${inner}</${name}>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}

const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** The text of every element of a name, in their order. */
export function textsOf(document: string, name: string): string[] {
  return [...document.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, "g"))].map(([, text = ""]) =>
    text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hexadecimal, decimal, named) => {
      if (named !== undefined) return NAMED[named] ?? whole;
      return String.fromCodePoint(
        hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16),
      );
    }),
  );
}

/** R2's bindings end their messages with the number of what went wrong. */
const R2_CODES: readonly (readonly [pattern: RegExp, status: number, code: string])[] = [
  [/\(10007\)/, 404, "NoSuchKey"],
  [/\(10024\)/, 404, "NoSuchUpload"],
  [/\(10025\)/, 400, "InvalidPart"],
  [/\(10011\)/, 400, "EntityTooSmall"],
  [/\(10037\)/, 400, "BadDigest"],
  [/\(10039\)/, 416, "InvalidRange"],
];

export function problem(cause: unknown, method: string): Response {
  const { message } = cause as Error;
  const [, status, code] = R2_CODES.find(([pattern]) => pattern.test(message)) ?? [/./, 500, "InternalError"];
  const known = cause instanceof S3Error ? cause : { status, code };
  if (method === "HEAD") return new Response(null, { status: known.status });
  return xml(
    "Error",
    [
      ["Code", known.code],
      ["Message", message],
    ],
    known.status,
  );
}
