/**
 * Runs an unmodified Pulumi program against TypeScript providers, without the Pulumi CLI.
 *
 * @module
 */

export type { Operation } from "./child/messages.ts";
export type { ChildChannel, ChildEntry, OtherEngine } from "./child/serve.ts";
export { type Child, type ChildOptions, startChild } from "./child/start.ts";
export type { DiagnosticEvent, EngineEvent, Op, Severity, StepMetadata, StepState } from "./events.ts";
export { destroy, preview, refresh, up } from "./operations.ts";
export type { Diagnostic, EngineOptions, Program, Result, StackOutputs, Step } from "./options.ts";
export { type PluginOptions, type ServedPlugin, servePlugin } from "./plugin/serve.ts";
export * from "./provider.ts";
export type { DeploymentDocument, PendingOperation } from "./state/checkpoint.ts";
export { listSnapshots } from "./state/checkpoint.ts";
export {
  exportState,
  importState,
  removeFromState,
  repairState,
  restoreSnapshot,
  type StateLocation,
} from "./state/edit.ts";
export { breakLock, LockedError, type LockHolder, lockHolder } from "./state/lock.ts";
export { outputs, readState, type State } from "./state/read.ts";
export type { ResourceState } from "./state/resource.ts";
export { archiveEntries } from "./values/assets.ts";
export { isUnknown } from "./values/unknown.ts";
