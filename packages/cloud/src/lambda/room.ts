/** What the operations of the Lambda service share. */
import { randomUUID } from "node:crypto";
import type { AccessRequest, Hub } from "../service.ts";
import type { CodeStore } from "./code.ts";
import { functionNotFound, staleRevision } from "./errors.ts";
import type { LayerStore } from "./layers.ts";
import type { FunctionLogs } from "./logs.ts";
import type { FunctionVersion } from "./model.ts";
import { type FunctionReference, functionArn, parseFunctionName } from "./names.ts";
import type { Pool } from "./pool.ts";
import { LATEST, type LambdaStore } from "./store.ts";

export interface Room {
  readonly hub: Hub;
  readonly store: LambdaStore;
  readonly code: CodeStore;
  readonly layers: LayerStore;
  readonly logs: FunctionLogs;
  readonly pool: Pool;
}

/** The members that name a function in most inputs. */
export interface FunctionInput {
  readonly FunctionName?: unknown;
  readonly Qualifier?: unknown;
  readonly RevisionId?: unknown;
}

export function referenceOf(input: FunctionInput): FunctionReference {
  return parseFunctionName(input.FunctionName, input.Qualifier);
}

/** The version a reference stands for: an alias is followed, by weight if it has two. */
export function resolveVersion(room: Room, reference: FunctionReference): FunctionVersion {
  const qualifier = reference.qualifier ?? LATEST;
  const alias = qualifier === LATEST ? undefined : room.store.alias(reference.name, qualifier);
  const found = room.store.version(reference.name, alias ? pick(alias.version, alias.weights) : qualifier);
  if (!found) throw functionNotFound(functionArn(room.hub, reference));
  return found;
}

/** The function itself, whichever of its versions was named. */
export function requireFunction(room: Room, reference: FunctionReference): FunctionVersion {
  const found = room.store.version(reference.name, LATEST);
  if (!found) throw functionNotFound(functionArn(room.hub, { name: reference.name, qualifier: undefined }));
  return found;
}

/** Saves a change to `$LATEST` and lets running environments of the old one finish. */
export function saveLatest(room: Room, value: FunctionVersion): FunctionVersion {
  const saved = { ...value, version: LATEST, lastModified: timestamp(), revisionId: randomUUID() };
  room.store.putVersion(saved);
  room.pool.retire(saved.name, LATEST);
  return saved;
}

export function checkRevision(expected: unknown, actual: string): void {
  if (expected !== undefined && expected !== null && expected !== actual) throw staleRevision();
}

/** The permission an operation on one function takes. */
export function onFunction(hub: Hub, action: string) {
  return (input: FunctionInput): AccessRequest[] => [
    { action: `lambda:${action}`, resource: functionArn(hub, referenceOf(input)) },
  ];
}

/** The same on the function whatever qualifier was given, for operations whose resource is the function only. */
export function onUnqualified(hub: Hub, action: string) {
  return (input: FunctionInput): AccessRequest[] => [
    {
      action: `lambda:${action}`,
      resource: functionArn(hub, { name: referenceOf(input).name, qualifier: undefined }),
    },
  ];
}

/** As Lambda writes times: milliseconds and an offset. */
export function timestamp(time = Date.now()): string {
  return new Date(time).toISOString().replace("Z", "+0000");
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
}

/** Cuts a list at `Marker` and `MaxItems`; the marker is the position to go on from. */
export function page<T>(
  items: readonly T[],
  input: { Marker?: unknown; MaxItems?: unknown },
  largest = 50,
): Page<T> {
  const start = Number(input.Marker ?? 0) || 0;
  const size = Math.min(Math.max(Number(input.MaxItems ?? largest) || largest, 1), largest);
  const end = start + size;
  return { items: items.slice(start, end), next: end < items.length ? String(end) : undefined };
}

function pick(version: string, weights: Readonly<Record<string, number>> | undefined): string {
  let chance = Math.random();
  for (const [other, weight] of Object.entries(weights ?? {})) {
    chance -= weight;
    if (chance < 0) return other;
  }
  return version;
}
