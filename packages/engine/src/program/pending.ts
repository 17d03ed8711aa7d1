/** Why a program does not get any further: the registrations it has begun and cannot finish. */

import type { PendingRegistration, Sdk, SdkStore } from "../sdk.ts";

/** The SDK's own analysis, where this version has it, else the list of what waits for what. */
export function describePending(sdk: Sdk, store: SdkStore): string | undefined {
  const pending = [...(store.pendingResourceRegistrations?.values() ?? [])];
  if (pending.length === 0) return undefined;
  const lines = pending.map(
    (registration) => `  ${nameOf(registration)} waits for ${reasonOf(registration)}`,
  );
  return [...lines, ...cycleOf(sdk, store)].join("\n");
}

function nameOf({ name, type, label }: PendingRegistration): string {
  return name !== undefined && type !== undefined ? `"${name}" (${type})` : (label ?? "a resource");
}

function reasonOf({ phase, inputProperty }: PendingRegistration): string {
  switch (phase) {
    case "inputs":
      return inputProperty === undefined ? "its inputs" : `the value of its property "${inputProperty}"`;
    case "dependencies":
      return `what it depends on ("dependsOn")`;
    case "parent":
      return "its parent";
    case "provider":
      return "its provider";
    default:
      return "the resources it depends on";
  }
}

function cycleOf(sdk: Sdk, store: SdkStore): string[] {
  try {
    const { detectedCycleMessage } = sdk.require("./runtime/debuggable.js") as {
      detectedCycleMessage?: (pending: unknown) => string | undefined;
    };
    const message = detectedCycleMessage?.(store.pendingResourceRegistrations);
    return message ? [message] : [];
  } catch {
    return [];
  }
}
