/** Secrets in a state that Pulumi's CLI shows. */

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

export function isSecretValue(value: unknown): boolean {
  return Object(value)[SIGNATURE] === SECRET;
}

/** A state's JSON with secrets as our engine has them: the value itself, marked. */
export function opened(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(opened);
  if (typeof value !== "object" || value === null) return value;
  const { [SIGNATURE]: signature, plaintext } = value as Record<string, unknown>;
  if (signature === SECRET && typeof plaintext === "string") {
    return { [SIGNATURE]: SECRET, value: opened(JSON.parse(plaintext)) };
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, opened(inner)]));
}
