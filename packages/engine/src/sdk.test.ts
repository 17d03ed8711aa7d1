/** The contract on the SDK's internals: should a new version break it, this says so before a user's program does. */

import { expect, test } from "vitest";
import { loadSdk } from "./sdk.ts";

const sdk = loadSdk(process.cwd());

test("the SDK's promises and stack traces are the ones we replace", () => {
  const debuggable = sdk.require("./runtime/debuggable.js") as {
    debuggablePromise: (promise: unknown) => unknown;
  };
  const promise = Promise.resolve();
  expect(debuggable.debuggablePromise(promise)).toBe(promise);
  const { Resource } = sdk.require("./resource.js") as {
    Resource: { stackTrace: (skip: number) => unknown[] };
  };
  expect(Resource.stackTrace(4)).toEqual([]);
});

test("a program's store has what we set and read", async () => {
  await sdk.withStore(async (store) => {
    expect(sdk.currentStore()).toBe(store);
    sdk.settings.resetOptions("p", "s", 1, "a", "a", true, "o");
    const monitor = {};
    store.settings.monitor = monitor;
    const { getMonitor } = sdk.require("./runtime/settings.js") as { getMonitor(): unknown };
    expect(getMonitor()).toBe(monitor);
    expect(store.pendingResourceRegistrations).toBeInstanceOf(Map);
    expect(store.settings.rpcDone).toBeInstanceOf(Promise);
  });
});

test("the callbacks of transforms and hooks are found without gRPC", () => {
  const { CallbackServer } = sdk.require("./runtime/callbacks.js") as {
    CallbackServer: new (monitor: unknown) => { _callbacks: unknown; shutdown(): void };
  };
  const server = new CallbackServer({});
  expect(server._callbacks).toBeInstanceOf(Map);
  server.shutdown();
});
