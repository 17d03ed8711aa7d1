/** The state of a stage as a user may have to handle it, wherever it is kept. */

import {
  type DeploymentDocument,
  exportState,
  importState,
  listSnapshots,
  readState,
  removeFromState,
  repairState,
  restoreSnapshot,
  type State,
  type StateLocation,
} from "@bowline/engine";

export interface StageState {
  read(): Promise<State>;
  /** As `pulumi stack import` reads it. Secrets stay sealed unless they are asked for. */
  export(options: { readonly showSecrets: boolean }): Promise<DeploymentDocument>;
  import(document: unknown): Promise<void>;
  /** Forgets a resource; answers the URNs of all that went. */
  remove(urn: string, options: { readonly dependents: boolean }): Promise<string[]>;
  /** Says what it did. */
  repair(): Promise<string[]>;
  snapshots(): Promise<Snapshot[]>;
  restore(number: number): Promise<void>;
}

/** A state that was once. */
export interface Snapshot {
  readonly number: number;
  readonly path: string;
  /** When it was written, where that is known. */
  readonly time?: string;
}

/** Of a stage on this machine. */
export function localState(location: StateLocation): StageState {
  const { stateDir, secretsKey } = location;
  return {
    read: () => readState(stateDir, secretsKey),
    export: (options) => exportState(location, options),
    import: (document) => importState(location, document),
    async remove(urn, { dependents }) {
      const removed = await removeFromState(location, urn, { targetDependents: dependents });
      return removed.map((resource) => resource.urn);
    },
    repair: () => repairState(location),
    async snapshots() {
      const all = await listSnapshots(stateDir);
      return all.map(({ generation, path }) => ({ number: generation, path }));
    },
    restore: (number) => restoreSnapshot(location, number),
  };
}
