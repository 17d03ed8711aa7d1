/** What IAM's operations have in common: reading parameters, finding what they name, pages. */
import { AwsError } from "../error.ts";
import { type QueryInput, structures } from "../protocol/query.ts";
import type { AccessRequest, Hub } from "../service.ts";
import type { ManagedPolicy, Role, Tag } from "./entities.ts";
import type { IamStore } from "./store.ts";

export function invalid(message: string): AwsError {
  return new AwsError("ValidationError", message, 400);
}

export function noSuchEntity(message: string): AwsError {
  return new AwsError("NoSuchEntity", message, 404);
}

export function limitExceeded(message: string): AwsError {
  return new AwsError("LimitExceeded", message, 409);
}

export function required(input: QueryInput, name: string): string {
  const value = input[name];
  if (!value) throw invalid(`1 validation error detected: ${name} must not be empty.`);
  return value;
}

export function nameOf(input: QueryInput, parameter: string, length: number): string {
  const name = required(input, parameter);
  if (name.length > length || !/^[\w+=,.@-]+$/.test(name)) {
    throw invalid(
      `The specified value for ${parameter.replace(/Name$/, "").toLowerCase()}Name is invalid: it takes 1 to ${length} of letters, digits and _+=,.@-`,
    );
  }
  return name;
}

export function pathOf(input: QueryInput): string {
  const path = input.Path ?? "/";
  if (!/^\/([\x21-\x7e]{0,510}\/)?$/.test(path)) throw invalid("A Path begins and ends with a slash.");
  return path;
}

export function tagsOf(input: QueryInput): readonly Tag[] {
  const tags = structures(input, "Tags.member").map(({ Key = "", Value = "" }) => ({ Key, Value }));
  if (tags.length > 50) throw limitExceeded("The number of tags has reached the maximum limit of 50.");
  for (const { Key, Value } of tags) {
    if (Key.length < 1 || Key.length > 128 || Value.length > 256)
      throw invalid(`The tag ${Key.slice(0, 128)} is invalid.`);
  }
  return tags;
}

/** New tags over old ones. */
export function mergeTags(old: readonly Tag[], added: readonly Tag[]): readonly Tag[] {
  const merged = new Map([...old, ...added].map((tag) => [tag.Key, tag]));
  if (merged.size > 50) throw limitExceeded("The number of tags has reached the maximum limit of 50.");
  return [...merged.values()];
}

export function findRole(store: IamStore, input: QueryInput): Role {
  const name = required(input, "RoleName");
  const role = store.role(name);
  if (!role) throw noSuchEntity(`The role with name ${name} cannot be found.`);
  return role;
}

export function findPolicy(store: IamStore, input: QueryInput, parameter = "PolicyArn"): ManagedPolicy {
  const arn = required(input, parameter);
  const policy = store.policy(arn);
  if (!policy) throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
  return policy;
}

/** The permission an operation on one role takes. */
export function onRole(store: IamStore, hub: Hub, action: string) {
  return (input: QueryInput): readonly AccessRequest[] => {
    const name = input.RoleName ?? "";
    const resource = store.role(name)?.arn ?? `arn:aws:iam::${hub.accountId}:role/${name}`;
    const context: Record<string, string> = {};
    if (input.PolicyArn) context["iam:PolicyARN"] = input.PolicyArn;
    if (input.PermissionsBoundary) context["iam:PermissionsBoundary"] = input.PermissionsBoundary;
    return [{ action: `iam:${action}`, resource, context }];
  };
}

/** The permission an operation on one managed policy takes. */
export function onPolicy(action: string) {
  return (input: QueryInput): readonly AccessRequest[] => [
    { action: `iam:${action}`, resource: input.PolicyArn || "*" },
  ];
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly rest: { readonly IsTruncated: boolean; readonly Marker?: string };
}

/** One page of a list; the marker is the position it goes on from. */
export function page<T>(input: QueryInput, all: readonly T[]): Page<T> {
  const size = Number(input.MaxItems ?? "100");
  const from = input.Marker === undefined ? 0 : Number(input.Marker);
  if (!Number.isInteger(size) || size < 1 || size > 1000)
    throw invalid("MaxItems must be between 1 and 1000.");
  if (!Number.isInteger(from) || from < 0) throw invalid("The Marker is not one that this cloud gave.");
  const items = all.slice(from, from + size);
  const next = from + items.length;
  return {
    items,
    rest: next < all.length ? { IsTruncated: true, Marker: String(next) } : { IsTruncated: false },
  };
}
