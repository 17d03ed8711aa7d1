/** Where this engine does something else than Pulumi's, and why: the table in the README. */

import type { Observed } from "./observe.ts";

export interface Difference {
  /** Of the case. */
  readonly name: string;
  /** What differs; all else is the same. */
  readonly where: readonly (keyof Observed)[];
}

export const differences: readonly Difference[] = [
  { name: "two resources of one name are refused", where: ["steps", "asked", "state"] },
  { name: "after a failure nothing is deleted", where: ["steps", "asked", "state"] },
  { name: "customTimeouts that are no durations are refused", where: ["state"] },
  { name: "a failing hook after an operation fails the run, and what was done is done", where: ["steps"] },
];
