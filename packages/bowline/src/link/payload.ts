import { createCipheriv, hkdfSync } from "node:crypto";

/** What a consumer reads at run time of one link: its properties and its type. */
export interface LinkValue {
  readonly name: string;
  readonly value: Readonly<Record<string, unknown>>;
  readonly sensitive: boolean;
}

/** Where the values of a consumer's links go. */
export interface Placement {
  /** `SST_RESOURCE_<Name>` and, when there is a payload, `SST_KEY` and `SST_KEY_FILE`. */
  readonly variables: Readonly<Record<string, string>>;
  /** The encrypted file, named by `SST_KEY_FILE`. */
  readonly file: Uint8Array | undefined;
}

export const PAYLOAD_FILE = "resource.enc";
export const VARIABLE_PREFIX = "SST_RESOURCE_";
/** Lambda's limit on all variables together, measured as the JSON they are sent in. */
const LAMBDA_BUDGET = 4096;
/** What Lambda takes as a variable's name: a link may have a `-` in its own. */
const LAMBDA_NAME = /^[A-Za-z]\w+$/;
const KEY_VARIABLES = variableSize("SST_KEY", "k".repeat(44)) + variableSize("SST_KEY_FILE", PAYLOAD_FILE);
/** The braces around all of them. */
const BRACES = 2;

/** What a variable takes of Lambda's limit: its name and value as JSON, and what stands between. */
export function variableSize(name: string, value: string): number {
  return Buffer.byteLength(JSON.stringify(name)) + Buffer.byteLength(JSON.stringify(value)) + 2;
}

/** What is left of Lambda's limit beside variables that take `used`. */
export function roomBeside(used: number): number {
  return LAMBDA_BUDGET - BRACES - used - KEY_VARIABLES;
}

/** A link as far as its variables need it. */
export interface VariableLink {
  readonly name: string;
  readonly value: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, string>>;
}

/** Every value as a plain variable, and the app's own. */
export function linkVariables(
  app: { name: string; stage: string },
  links: readonly VariableLink[],
): Record<string, string> {
  return {
    ...Object.assign({}, ...links.map((link) => link.environment)),
    [`${VARIABLE_PREFIX}App`]: JSON.stringify({ name: app.name, stage: app.stage }),
    ...Object.fromEntries(links.map((link) => [VARIABLE_PREFIX + link.name, JSON.stringify(link.value)])),
  };
}

/**
 * Values for a Lambda function: plain variables while they fit, are allowed and no secret, else the encrypted file.
 * `used` is what the function's own variables take of the budget already.
 */
export function placeInLambda(
  links: readonly LinkValue[],
  options: { readonly consumer: string; readonly stageKey: Uint8Array; readonly used: number },
): Placement {
  let left = roomBeside(options.used);
  const variables: Record<string, string> = {};
  const payload: Record<string, unknown> = {};
  for (const link of links.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const name = VARIABLE_PREFIX + link.name;
    const text = JSON.stringify(link.value);
    const size = variableSize(name, text);
    if (link.sensitive || size > left || !LAMBDA_NAME.test(name)) {
      payload[link.name] = link.value;
    } else {
      variables[name] = text;
      left -= size;
    }
  }
  if (Object.keys(payload).length === 0) return { variables, file: undefined };
  const { key, file } = encryptPayload(payload, options.consumer, options.stageKey);
  return { variables: { ...variables, SST_KEY: key.toString("base64"), SST_KEY_FILE: PAYLOAD_FILE }, file };
}

/**
 * The format fixes a nonce of twelve zero bytes, so a key must never encrypt two different payloads:
 * it is derived from the payload itself. An unchanged payload stays the same to the byte.
 */
export function encryptPayload(
  payload: Readonly<Record<string, unknown>>,
  consumer: string,
  stageKey: Uint8Array,
): { key: Buffer; file: Buffer } {
  const text = Buffer.from(JSON.stringify(payload));
  const key = Buffer.from(hkdfSync("sha256", stageKey, text, `bowline payload ${consumer}`, 32));
  const cipher = createCipheriv("aes-256-gcm", key, Buffer.alloc(12));
  return { key, file: Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]) };
}
