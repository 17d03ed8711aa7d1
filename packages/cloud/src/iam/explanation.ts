/** What IAM decided, in words. */
import type { AccessRequest } from "../service.ts";
import type { Decision } from "./evaluate.ts";

export interface Explanation {
  readonly allowed: boolean;
  /** For example `denied by statement “NoSecrets” of inline policy Main of role Api`. */
  readonly reason: string;
  /** The policy that decided, and its statement: its Sid in quotes, or its number. */
  readonly policy?: string;
  readonly statement?: string;
}

/** A decision in words: which statement of which policy decided, or that none did. */
export function describeDecision(decision: Decision, request: AccessRequest): string {
  const { allowed, explicit, kind, policy, statement } = decision;
  const where = statement === undefined ? policy : `statement ${statement} of ${policy}`;
  if (allowed) return `allowed by ${where}`;
  if (explicit) return `denied by ${where}`;
  return `no ${kind} allows ${request.action} on ${request.resource}`;
}
