import { readState, type State } from "@bowline/engine";
import { CONSUMER_OUTPUT, LINK_OUTPUT } from "../components/outputs.ts";
import { BowlineError } from "../error.ts";
import type { ResolvedLink } from "../link/resolve.ts";
import type { Statement } from "../link/statement.ts";
import { type ConsumerGrants, OWN } from "../link/words.ts";

/** A function (or other compute) as it was deployed last. */
export interface Consumer {
  readonly name: string;
  readonly kind: "function" | "worker";
  readonly runtime: string;
  readonly handler: string;
  /** Where its encrypted payload is; empty when it has none. */
  readonly payload: string;
  /** The name Lambda, or Cloudflare, knows it by. */
  readonly functionName: string;
  /** Empty when it has none: a Worker that is linked to nothing of AWS. */
  readonly roleArn: string;
  readonly links: readonly ResolvedLink[];
  readonly permissions: readonly Statement[];
  readonly environment: Readonly<Record<string, string>>;
}

/** Who links to what in a stage, as its state tells. */
export interface Manifest {
  readonly app: { readonly name: string; readonly stage: string };
  readonly consumers: readonly Consumer[];
  /** The own link of everything linkable. */
  readonly linkables: readonly ResolvedLink[];
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Which outputs are secret. */
  readonly secretOutputs: readonly string[];
}

/** Reads it from a stage's state; undefined when nothing is deployed. */
export async function readManifest(
  stateDir: string,
  key: Uint8Array,
  stage: string,
): Promise<Manifest | undefined> {
  return manifestOf(await readStageState(stateDir, key), stage);
}

/** A state that cannot be read is the user's to put right, and the message says with what. */
export async function readStageState(stateDir: string, key: Uint8Array): Promise<State> {
  try {
    return await readState(stateDir, key);
  } catch (cause) {
    throw new BowlineError("bad-state", cause instanceof Error ? cause.message : String(cause), {
      exitCode: 1,
      cause,
    });
  }
}

/** What a state says of who links to what; undefined when nothing is deployed. */
export function manifestOf({ resources }: State, stage: string): Manifest | undefined {
  const stack = resources.find((resource) => resource.type === "pulumi:pulumi:Stack");
  if (!stack || resources.length === 1) return undefined;
  const kept = <T>(name: string): T[] =>
    resources.flatMap((resource) => {
      const value = resource.type.startsWith("bowline:") ? plain(resource.outputs[name]) : undefined;
      return value ? [value as T] : [];
    });
  const outputs = Object.entries(stack.outputs);
  return {
    app: { name: stack.urn.split("::")[1] ?? "", stage },
    consumers: kept<Consumer>(CONSUMER_OUTPUT),
    linkables: kept<ResolvedLink>(LINK_OUTPUT),
    outputs: Object.fromEntries(outputs.map(([name, value]) => [name, plain(value)])),
    secretOutputs: outputs.filter(([, value]) => isSecretValue(value)).map(([name]) => name),
  };
}

export function findConsumer(manifest: Manifest, name: string): Consumer {
  const found = manifest.consumers.find((consumer) => consumer.name === name);
  if (found) return found;
  const names = manifest.consumers.map((consumer) => consumer.name);
  throw new BowlineError("no-consumer", `There is no function or Worker named "${name}" in this app.`, {
    hint: names.length > 0 ? `It has ${names.join(", ")}.` : "It has none.",
  });
}

/** What each consumer was granted, to compare with what it is granted now. */
export function grantsOf(manifest: Manifest | undefined): ConsumerGrants[] {
  return (manifest?.consumers ?? []).map((consumer) => ({
    consumer: consumer.name,
    grants: [
      ...consumer.links.flatMap(({ name, origin, statements }) =>
        statements.map(({ effect, actions }) => ({ link: name, origin, effect, actions })),
      ),
      ...consumer.permissions.map(({ effect, actions }) => ({ link: OWN, origin: OWN, effect, actions })),
    ],
  }));
}

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

function isSecretValue(value: unknown): value is { value: unknown } {
  return (
    typeof value === "object" && value !== null && (value as Record<string, unknown>)[SIGNATURE] === SECRET
  );
}

/** A state value without the envelopes secrets come in. */
export function plain(value: unknown): unknown {
  if (isSecretValue(value)) return plain(value.value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
