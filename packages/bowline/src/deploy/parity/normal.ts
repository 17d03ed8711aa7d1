/** Two deployments of one app differ in what is generated, and in nothing else: this takes that away. */

import type { ResourceState } from "@bowline/engine";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Outputs whose value is of the moment, or made by the cloud at random. */
const GENERATED = new Set([
  "apiEndpoint",
  "apiId",
  "codeSha256",
  "createDate",
  "createdDate",
  "executionArn",
  "id",
  "lastModified",
  "payload",
  "sourceCodeHash",
  "sourceCodeSize",
  "streamLabel",
  "uniqueId",
  "urlId",
  "uuid",
]);

/** Each resource's type, inputs, outputs and relations, by URN. */
export function normalState(resources: readonly ResourceState[]): Record<string, unknown> {
  const entries = resources
    .filter(({ type }) => !type.startsWith("pulumi:providers:"))
    .map((resource) => [
      normalText(resource.urn),
      {
        type: resource.type,
        inputs: normal(resource.inputs),
        outputs: normal(resource.outputs),
        parent: normal(resource.parent),
        dependencies: [...(resource.dependencies ?? [])].map(normalText).sort(),
        protect: resource.protect === true,
        retainOnDelete: resource.retainOnDelete === true,
      },
    ]);
  return Object.fromEntries(entries.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
}

/** What is secret is told by each value in it: of an object it matters not at which level it was marked. */
export function normal(value: unknown, key = "", secret = false): unknown {
  if (GENERATED.has(key)) return value === undefined || value === "" ? value : "(generated)";
  if (Array.isArray(value)) return value.map((inner) => normal(inner, "", secret));
  if (typeof value !== "object" || value === null) {
    const shown =
      typeof value === "string" ? (key === "secretAccessKey" ? "(key)" : normalText(value)) : value;
    return secret ? { secret: shown } : shown;
  }
  const { [SIGNATURE]: signature, hash, ...rest } = value as Record<string, unknown>;
  if (signature === SECRET) return normal(rest.value, key, true);
  // Code: its encrypted payload names other resources, which have other names here and there.
  if (signature !== undefined && hash !== undefined) {
    return { archive: Object.keys(Object(rest.assets)).sort() };
  }
  const entries = Object.entries(value).map(([name, inner]) => [
    normalText(name),
    normal(inner, name, secret),
  ]);
  return Object.fromEntries(entries.filter(([, inner]) => inner !== undefined && inner !== null));
}

export function normalText(text: string): string {
  return text
    .replace(/http:\/\/127\.0\.0\.1:\d+\/_(\w+)\/\w+/g, "http://cloud/_$1/(generated)")
    .replace(/127\.0\.0\.1:\d+/g, "cloud")
    .replace(/\/\S*\/bowline-app-\w+\//g, "(folder)/")
    .replace(/\b(?!0{32})[0-9a-f]{32}\b/g, "(id)")
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "(uuid)")
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?/g, "(time)")
    .replace(/(:apis\/|:\/apis\/|execute-api:[\w-]*:\d*:)\w{10}\b/g, "$1(generated)")
    .replace(/\bintegrations\/\w+/g, "integrations/(generated)")
    .replace(/-[0-9a-f]{7}\b/g, "-(generated)")
    .replace(/(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{43}=/g, "(key)")
    .replace(/^[\w-]{40}$/, "(token)");
}
