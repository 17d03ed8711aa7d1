/** State as others read it. */

import type { Properties } from "../provider.ts";
import { ROOT_TYPE } from "../urn.ts";
import { unwrapProperties } from "../values/wire.ts";
import type { PendingOperation } from "./checkpoint.ts";
import { readStored } from "./ledger.ts";
import type { ResourceState } from "./resource.ts";
import { createSealer } from "./sealing.ts";

export interface State {
  /** Dependencies before dependents. */
  readonly resources: readonly ResourceState[];
  /** What a killed run had begun; the next one finishes it. */
  readonly pending: readonly PendingOperation[];
}

/** The state of a stage, decrypted; empty when it was never deployed. Takes no lock. */
export async function readState(stateDir: string, secretsKey: Uint8Array): Promise<State> {
  const { resources, pending } = await readStored(stateDir, createSealer(secretsKey));
  return { resources, pending };
}

/** The stack's outputs, secrets unwrapped. */
export function outputs(state: State): Properties {
  const stack = state.resources.find(({ type }) => type === ROOT_TYPE);
  return stack ? unwrapProperties(stack.outputs) : {};
}
