/** The local cloud with our provider on it, and the least engine that puts one resource through its life. */
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cloud, startCloud } from "@bowline/cloud";
import type { Properties, Provider, ResourceContext, ResourceHandler } from "@bowline/engine";
import { awsProvider } from "./index.ts";

export interface LocalAws extends AsyncDisposable {
  readonly cloud: Cloud;
  readonly provider: Provider;
  /** A client of any AWS SDK class, as root. */
  client<T>(clientClass: new (config: ClientConfig) => T): T;
  /** The same data behind another port, with a provider that knows. */
  move(): Promise<void>;
  resource(type: string, name?: string): TestResource;
}

interface ClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Cloud["credentials"];
}

export async function startLocalAws(): Promise<LocalAws> {
  const dir = await mkdtemp(join(tmpdir(), "bowline-providers-"));
  let cloud = await startCloud({ dir });
  let provider = awsProvider(cloud);
  return {
    get cloud() {
      return cloud;
    },
    get provider() {
      return provider;
    },
    client: (clientClass) =>
      new clientClass({ endpoint: cloud.endpoint, region: cloud.region, credentials: cloud.credentials }),
    async move() {
      await cloud.stop();
      cloud = await startCloud({ dir });
      provider = awsProvider(cloud);
    },
    resource: (type, name = "Thing") => testResource(() => handlerOf(provider, type), type, name),
    async [Symbol.asyncDispose]() {
      await cloud.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

export interface TestResource {
  readonly id: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
  readonly warnings: readonly string[];
  /** Checks, compares, and creates, replaces or updates; says which. */
  up(inputs: Properties): Promise<"create" | "update" | "replace" | "delete-replace" | "same">;
  /** What a preview says is known. */
  preview(inputs: Properties): Promise<Properties>;
  /** Creates as after a crash: what was created before is forgotten. */
  createAgain(inputs: Properties): Promise<void>;
  /** As the engine does when a creation was interrupted: whether something was found, and finished. */
  recover(inputs: Properties, taken?: ReadonlySet<string>): Promise<boolean>;
  /** Whether it still exists; its outputs become what was read. */
  refresh(): Promise<boolean>;
  delete(): Promise<void>;
}

function handlerOf(provider: Provider, type: string): ResourceHandler {
  const handler = provider.resource(type);
  if (!handler) throw new Error(`No handler for ${type}.`);
  return handler;
}

function testResource(handler: () => ResourceHandler, type: string, name: string): TestResource {
  let state: { id: string; inputs: Properties; outputs: Properties } | undefined;
  const warnings: string[] = [];
  let generation = 0;

  const contextOf = (preview = false): ResourceContext => ({
    urn: `urn:pulumi:test::shop::${type}::${name}`,
    name,
    type,
    project: "shop",
    stack: "test",
    preview,
    config: {},
    randomSeed: createHash("sha256").update(`${type}${name}${generation}`).digest(),
    signal: AbortSignal.timeout(30_000),
    log: (_severity, message) => warnings.push(message),
  });
  const checked = async (inputs: Properties, olds: Properties | undefined) => {
    const result = (await handler().check?.(contextOf(), olds, inputs)) ?? { inputs };
    if (result.failures?.length) throw new Error(result.failures.map(({ reason }) => reason).join("\n"));
    return result.inputs;
  };
  const current = () => {
    if (!state) throw new Error(`${name} was not created.`);
    return state;
  };
  const create = async (inputs: Properties) => {
    state = { inputs, ...(await handler().create(contextOf(), inputs)) };
  };
  const remove = ({ id, inputs, outputs }: NonNullable<typeof state>) =>
    handler().delete?.(contextOf(), id, inputs, outputs);

  return {
    get id() {
      return current().id;
    },
    get inputs() {
      return current().inputs;
    },
    get outputs() {
      return current().outputs;
    },
    warnings,
    async up(given) {
      if (!state) {
        await create(await checked(given, undefined));
        return "create";
      }
      const old = state;
      const inputs = await checked(given, old.inputs);
      const diff = await handler().diff?.(contextOf(), old.id, old.inputs, old.outputs, inputs);
      if (!diff?.changes) return "same";
      if (!diff.replaces?.length) {
        const result = await handler().update?.(contextOf(), old.id, old.inputs, old.outputs, inputs);
        state = { id: old.id, inputs, outputs: result?.outputs ?? inputs };
        return "update";
      }
      generation++;
      if (diff.deleteBeforeReplace) {
        await remove(old);
        await create(await checked(given, undefined));
        return "delete-replace";
      }
      await create(await checked(given, undefined));
      await remove(old);
      return "replace";
    },
    async preview(given) {
      const inputs = await checked(given, state?.inputs);
      return handler().preview?.(contextOf(true), inputs, state?.outputs) ?? {};
    },
    async createAgain(given) {
      await create(await checked(given, undefined));
    },
    async recover(given, taken = new Set()) {
      const inputs = await checked(given, undefined);
      const found = await handler().recover?.(contextOf(), inputs, taken);
      if (found) state = { inputs, ...found };
      return found !== undefined;
    },
    async refresh() {
      const { id, inputs, outputs } = current();
      const found = await handler().read?.(contextOf(), id, inputs, outputs);
      if (found?.outputs) state = { id, inputs, outputs: found.outputs };
      return found?.outputs !== undefined;
    },
    async delete() {
      await remove(current());
    },
  };
}
