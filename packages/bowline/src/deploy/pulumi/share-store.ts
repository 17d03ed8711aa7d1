/**
 * The engine calls a program's transforms and hooks back over gRPC, outside of the program's async context. There the
 * SDK finds another store than the program's, one that believes the engine knows no secrets, and hands them on in
 * plain text. In a process that runs a single program both can be one.
 */

import { createRequire } from "node:module";

interface State {
  getStore?(): object;
  getGlobalStore?(): object;
}

/** To be called in the program. */
export function shareStore(): void {
  const state = createRequire(import.meta.url)("@pulumi/pulumi/runtime/state.js") as State;
  if (!state.getStore || !state.getGlobalStore) {
    throw new Error("this version of @pulumi/pulumi keeps its state elsewhere; use 3.270.0");
  }
  const own = state.getStore();
  const shared = state.getGlobalStore();
  if (own !== shared) Object.assign(shared, own);
}
