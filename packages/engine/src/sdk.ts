/**
 * The user's own copy of `@pulumi/pulumi`. Everything protobuf must come from that copy, because its stubs check
 * messages with `instanceof`; so nothing here imports the SDK, it is resolved from the project's folder.
 */

import { createRequire } from "node:module";
import { join } from "node:path";
import type * as grpc from "@grpc/grpc-js";
import type * as alias from "@pulumi/pulumi/proto/alias_pb.js";
import type * as callback from "@pulumi/pulumi/proto/callback_pb.js";
import type * as engine from "@pulumi/pulumi/proto/engine_pb.js";
import type * as resource from "@pulumi/pulumi/proto/resource_pb.js";
import type * as empty from "google-protobuf/google/protobuf/empty_pb.js";
import type * as struct from "google-protobuf/google/protobuf/struct_pb.js";

/** A registration that the program has begun and the SDK has not yet sent: what a deadlock is made of. */
export interface PendingRegistration {
  readonly label?: string;
  readonly type?: string;
  readonly name?: string;
  readonly phase?: string;
  readonly inputProperty?: string;
}

/** The SDK's per-program state; the part of it that the engine sets or reads. */
export interface SdkStore {
  settings: { monitor?: unknown; engine?: unknown; rpcDone: Promise<unknown> };
  callbacks?: {
    shutdown(): void;
    _callbacks?: Map<string, (bytes: Uint8Array) => Promise<{ serializeBinary(): Uint8Array }>>;
  };
  pendingResourceRegistrations?: Map<unknown, PendingRegistration>;
}

export interface Sdk {
  readonly version: string;
  readonly require: NodeJS.Require;
  readonly resource: typeof resource;
  readonly alias: typeof alias;
  readonly callback: typeof callback;
  readonly engine: typeof engine;
  readonly empty: typeof empty;
  readonly struct: typeof struct;
  /** Runs `program` with a store of its own, so that several programs may run in one process. */
  withStore<T>(program: (store: SdkStore) => Promise<T>): Promise<T>;
  currentStore(): SdkStore | undefined;
  readonly settings: {
    resetOptions(
      project: string,
      stack: string,
      parallel: number,
      engineAddress: string,
      monitorAddress: string,
      preview: boolean,
      organization: string,
    ): void;
    waitForRPCs(): Promise<void>;
    signalAndWaitForShutdown(): Promise<void>;
  };
  setConfig(config: Record<string, string>, secretKeys: readonly string[]): void;
  runInStack(program: () => Promise<unknown>): Promise<unknown>;
  grpc(): typeof grpc;
}

const loaded = new Map<string, Sdk>();

/** Resolves the SDK from the project at `cwd`, or, for a project that has none, from the engine's own neighbours. */
export function loadSdk(cwd: string): Sdk {
  const manifest = locateSdk(cwd);
  let sdk = loaded.get(manifest);
  if (!sdk) {
    sdk = bind(manifest);
    loaded.set(manifest, sdk);
  }
  return sdk;
}

export function locateSdk(cwd: string): string {
  for (const from of [join(cwd, "package.json"), import.meta.url]) {
    try {
      return createRequire(from).resolve("@pulumi/pulumi/package.json");
    } catch {
      // Not reachable from there.
    }
  }
  throw new Error(`@pulumi/pulumi is not installed in ${cwd}; add it with: npm install @pulumi/pulumi`);
}

function bind(manifest: string): Sdk {
  const require = createRequire(manifest);
  const { version } = require("./package.json") as { version: string };
  quicken(require);
  const state = require("./runtime/state.js") as {
    withLocalStorage<T>(callback: () => T): T;
    getLocalStore(): SdkStore | undefined;
  };
  const stack = require("./runtime/stack.js") as {
    runInPulumiStack(program: () => Promise<unknown>): Promise<unknown>;
  };
  const config = require("./runtime/config.js") as {
    setAllConfig(config: Record<string, string>, secretKeys?: string[]): void;
  };
  for (const [name, member] of [
    ["runtime/state.withLocalStorage", state.withLocalStorage],
    ["runtime/state.getLocalStore", state.getLocalStore],
    ["runtime/stack.runInPulumiStack", stack.runInPulumiStack],
    ["runtime/config.setAllConfig", config.setAllConfig],
  ] as const) {
    if (typeof member !== "function") throw unsupported(version, name);
  }
  return {
    version,
    require,
    resource: require("./proto/resource_pb.js"),
    alias: require("./proto/alias_pb.js"),
    callback: require("./proto/callback_pb.js"),
    engine: require("./proto/engine_pb.js"),
    empty: require("google-protobuf/google/protobuf/empty_pb.js"),
    struct: require("google-protobuf/google/protobuf/struct_pb.js"),
    settings: require("./runtime/settings.js"),
    withStore: (program) =>
      state.withLocalStorage(() => {
        const store = state.getLocalStore();
        if (!store?.settings) throw unsupported(version, "runtime/state.LocalStore.settings");
        return program(store);
      }),
    currentStore: () => state.getLocalStore(),
    setConfig: (values, secretKeys) => config.setAllConfig(values, [...secretKeys]),
    runInStack: (program) => stack.runInPulumiStack(program),
    grpc: () => require("@grpc/grpc-js") as typeof grpc,
  };
}

function unsupported(version: string, member: string): Error {
  return new Error(
    `@pulumi/pulumi ${version} has no ${member}, which this engine relies on; install a version that satisfies ^3.249.0`,
  );
}

/**
 * Two things the SDK does only for others' sake cost most of a program's time. It captures a stack trace for four
 * promises a property, to name leaked promises under a debug variable; and it renders and parses the whole stack of
 * each resource, to tell Pulumi's engine the line it was declared on, which this one has no use for. Without them
 * programs run two to three times as fast. With the variable set, or should the SDK have changed, all stays as it is.
 */
function quicken(require: NodeJS.Require): void {
  if (process.env.PULUMI_DEBUG_PROMISE_LEAKS || process.env.BOWLINE_STOCK_SDK) return;
  try {
    const debuggable = require("./runtime/debuggable.js") as { debuggablePromise?: unknown };
    if (typeof debuggable.debuggablePromise === "function") {
      debuggable.debuggablePromise = <T>(promise: Promise<T>): Promise<T> => promise;
    }
    const { Resource } = require("./resource.js") as { Resource?: { stackTrace?: unknown } };
    if (typeof Resource?.stackTrace === "function") Resource.stackTrace = () => [];
  } catch {
    // A newer SDK may have moved them: slower, not wrong.
  }
}
