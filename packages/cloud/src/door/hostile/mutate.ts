// biome-ignore-all lint/suspicious/noTemplateCurlyInString: hostile text
/** Turns a well-formed request into one that nobody's SDK would send. */
import type { Chance } from "./chance.ts";
import type { Request } from "./seeds.ts";

export interface Mutant {
  readonly request: Request;
  /** Put over the signed headers. */
  readonly late: Readonly<Record<string, string>>;
  /** What is declared as payload hash where that is not the body's. */
  readonly payloadHash?: string;
}

const TRAVERSALS = [
  "../../../secret.txt",
  "..",
  "../secret.txt",
  "..\\..\\secret.txt",
  "/etc/passwd",
  "%2e%2e%2f%2e%2e%2fsecret.txt",
  "a/../../../../secret.txt",
  ".",
  "\u0000",
  "a\u0000/../../secret.txt",
];

const GARBAGE = [
  "",
  "null",
  "-1",
  "1e999",
  "9".repeat(400),
  "\u00ff\u00fe",
  "a".repeat(3000),
  "{{}}[]",
  "<a/>",
  "&lol;",
  "' OR 1=1 --",
  "__proto__",
  "constructor",
  "toString",
  "${jndi:x}",
  "arn:aws:::::",
  "arn:aws:s3:::../..",
  "0001-01-01T00:00:00Z",
  ...TRAVERSALS,
];

const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>`;
const external = '<!DOCTYPE x [<!ENTITY c SYSTEM "file:///etc/passwd">]>';

const BODIES: readonly (() => string)[] = [
  () => `${bomb}<Delete><Object><Key>&c;</Key></Object></Delete>`,
  () => `${external}<Delete><Object><Key>&c;</Key></Object></Delete>`,
  () => "<a>".repeat(3000),
  () => `${"<a>".repeat(3000)}${"</a>".repeat(3000)}`,
  () => `<a ${"b='c' ".repeat(3000)}/>`,
  () => "<Delete><Object><Key>../../secret.txt</Key></Object></Delete>",
  () => `${"[".repeat(20_000)}${"]".repeat(20_000)}`,
  () => `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`,
  () => '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
  () => "[]",
  () => "null",
  () => '"text"',
  () => "{",
  () => `Action=${"x".repeat(5000)}`,
  () => "Action=constructor&Version=1",
  () => "Action=__proto__",
];

const PATHS = [
  "/hostile/../../secret.txt",
  "/hostile/%2e%2e/%2e%2e/secret.txt",
  "/hostile/..%2f..%2fsecret.txt",
  "/../secret.txt",
  "/..%2f/secret.txt",
  "/hostile/%00",
  "/hostile/%ff%fe",
  "/hostile/%zz",
  "//",
  `/hostile/${"k".repeat(2000)}`,
  `/${"b".repeat(300)}`,
  "/2015-03-31/functions/..%2f..%2fx",
  "/2015-03-31/functions/%00/invocations",
  "/2015-03-31/functions//code",
  "/_api/..%2f..%2f/x",
  "/_api//",
];

const QUERIES = [
  "x",
  "uploadId",
  "versionId",
  "max-keys",
  "policy",
  "prefix",
  "X-Amz-Signature",
  "X-Amz-Algorithm",
  "X-Amz-Credential",
  "Marker",
  "partNumber",
  "Qualifier",
  "maxResults",
  "nextToken",
];

const HEADERS = [
  "authorization",
  "x-amz-date",
  "x-amz-content-sha256",
  "x-amz-decoded-content-length",
  "x-amz-security-token",
  "x-amz-target",
  "content-type",
  "x-amz-copy-source",
  "x-amz-copy-source-range",
  "range",
  "if-match",
  "if-modified-since",
  "x-amz-acl",
  "content-md5",
  "x-amz-checksum-crc32",
  "x-amz-sdk-checksum-algorithm",
  "x-amz-tagging",
  "x-amz-meta-x",
  "x-amz-storage-class",
  "x-amz-trailer",
  "content-encoding",
  "x-amz-invocation-type",
  "x-amz-client-context",
  "x-amz-log-type",
];

const METHODS = ["GET", "PUT", "POST", "DELETE", "HEAD", "PATCH", "OPTIONS"];

/** A header value Node is willing to send. */
const headerSafe = (text: string) => text.replace(/[^\x20-\x7e]/g, "?");

/** A path Node is willing to send. */
const pathSafe = (text: string) => text.replace(/[^\x21-\x7e]|[?#]/g, (char) => encodeURIComponent(char));

export function mutator({ below, pick }: Chance) {
  /** One of its values is another, somewhere within. */
  function changeJson(value: unknown): unknown {
    if (typeof value !== "object" || value === null || below(6) === 0) {
      return pick<unknown>([null, 1, -1, 1e308, [], {}, true, "", "\ud800", [[]], { S: 1 }, ...GARBAGE]);
    }
    const keys = Object.keys(value);
    if (keys.length === 0) return { [pick(GARBAGE)]: pick(GARBAGE) };
    const changed = pick(keys);
    const entries = Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
      if (key !== changed) return [[key, inner]];
      return below(8) === 0 ? [] : [[below(12) === 0 ? pick(GARBAGE) : key, changeJson(inner)]];
    });
    return Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
  }

  function changeBody(body: string): string {
    const at = below(body.length + 1);
    switch (below(8)) {
      case 0:
        return body.slice(0, at);
      case 1:
        return `${body.slice(0, at)}${pick(GARBAGE)}${body.slice(at)}`;
      case 2:
        return pick(BODIES)();
      case 3:
        // The text of an element, one of several.
        return body.replace(/>([^<>]*)</g, (text) => (below(3) === 0 ? `>${pick(GARBAGE)}<` : text));
      case 4:
        return body.startsWith("<") ? `${pick([bomb, external])}${body}` : body;
      default:
        return changeValue(body);
    }
  }

  function changeValue(body: string): string {
    if (/^[A-Z]\w+=/.test(body)) {
      const form = new URLSearchParams(body);
      form.set(pick([...form.keys()]), pick(GARBAGE));
      return form.toString();
    }
    try {
      return Buffer.from(JSON.stringify(changeJson(JSON.parse(body)))).toString("latin1");
    } catch {
      return body.replace(/"[^"]*"/, `"${pick(TRAVERSALS)}"`);
    }
  }

  function changePath(path: string): string {
    if (below(3) === 0) return pick(PATHS);
    const segments = path.split("/");
    segments[below(segments.length - 1) + 1] =
      below(2) === 0 ? encodeURIComponent(pick(GARBAGE)) : pick(TRAVERSALS);
    return pathSafe(segments.join("/"));
  }

  function changeQuery(query: string): string {
    const kept = new URLSearchParams(query);
    const names = [...kept.keys(), ...QUERIES];
    return [...kept]
      .filter(() => below(4) > 0)
      .concat([[pick(names), pick(GARBAGE)]])
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
      .sort()
      .join("&");
  }

  /** The body in chunks that say of themselves what is not so. */
  function lieInChunks(request: Request): Mutant {
    const { body } = request;
    const size = pick([body.length.toString(16), "ffffffff", "-1", "0", "zz", "", "7fffffffffffffff", "1"]);
    const signature = pick(["", `;chunk-signature=${"0".repeat(64)}`, ";x=y", `;${"a".repeat(20_000)}`]);
    const end = pick([
      "\r\n0\r\n\r\n",
      "\r\n",
      "",
      "\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n",
      "\r\n0\r\nx\r\n",
    ]);
    return {
      request: {
        ...request,
        headers: {
          ...request.headers,
          "content-encoding": "aws-chunked",
          "x-amz-decoded-content-length": pick([String(body.length), "0", "-1", "1e9", "x"]),
          "x-amz-trailer": pick(["x-amz-checksum-crc32", "x-amz-checksum-sha256", "host", ""]),
        },
        body: `${size}${signature}\r\n${body}${end}`,
      },
      late: {},
      payloadHash: pick([
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
      ]),
    };
  }

  return (seed: Request): Mutant => {
    if (below(25) === 0) return lieInChunks(seed);
    let request = seed;
    const late: Record<string, string> = {};
    let payloadHash: string | undefined;
    for (let left = below(2); left >= 0; left--) {
      const kind = below(12);
      const header = () => ({ [pick(HEADERS)]: headerSafe(pick(GARBAGE)) });
      if (kind <= 1) request = { ...request, path: changePath(request.path) };
      else if (kind === 2) request = { ...request, query: changeQuery(request.query) };
      else if (kind === 3) request = { ...request, method: pick(METHODS) };
      else if (kind === 4) request = { ...request, headers: { ...request.headers, ...header() } };
      else if (kind === 5) Object.assign(late, header());
      else if (kind === 6 && below(4) === 0) payloadHash = headerSafe(pick(["UNSIGNED-PAYLOAD", ...GARBAGE]));
      else request = { ...request, body: changeBody(request.body) };
    }
    const service = below(40) === 0 ? headerSafe(pick(GARBAGE)).replace(/[/, ]/g, "") : request.service;
    return { request: { ...request, service }, late, payloadHash };
  };
}
