import { UNKNOWN } from "../provider.ts";

/** Whether a value is the one that stands for "not known before the deployment ran". */
export function isUnknown(value: unknown): boolean {
  return value === UNKNOWN;
}
