/** Owners and principals as S3 names them: by a canonical id, which other APIs do not have. */
import { createHash } from "node:crypto";
import type { Principal } from "../service.ts";

export interface Owner {
  readonly ID: string;
  readonly DisplayName: string;
}

const known = new Map<string, Owner>();

/** The owner of every bucket of an account. */
export function ownerOf(accountId: string): Owner {
  let owner = known.get(accountId);
  if (owner === undefined) {
    owner = { ID: createHash("sha256").update(accountId).digest("hex"), DisplayName: accountId };
    known.set(accountId, owner);
  }
  return owner;
}

/** How a message names who acted. */
export function principalId(principal: Principal): string {
  switch (principal.kind) {
    case "root":
      return principal.accountId;
    case "role":
      return `AWS:${principal.arn.split("/").slice(1).join(":")}`;
    case "service":
      return principal.service;
    case "anonymous":
      return "Anonymous";
  }
}
