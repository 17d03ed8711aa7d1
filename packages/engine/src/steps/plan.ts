import type { Goal } from "../goal.ts";
import type { FoundHandler } from "../handlers.ts";
import type { ResourceState } from "../state/resource.ts";

/** All that the steps need to know about one registration. */
export interface Plan {
  readonly goal: Goal;
  readonly found: FoundHandler;
  /** What it was, under the URN it has now; `undefined` when it is new. */
  readonly old: ResourceState | undefined;
  /** What it is to become; outputs and id are filled in by the step. */
  readonly state: ResourceState;
}
