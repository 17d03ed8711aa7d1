/** What the management operations share: the store they work on, ids, dates, pages, and how a missing thing is told. */
import { randomBytes } from "node:crypto";
import { AwsError } from "../error.ts";
import type { Hub } from "../service.ts";
import type { GroupCommit } from "../store/group-commit.ts";
import { type Input, invalid, requiredText, text } from "./input.ts";
import type { Api } from "./model.ts";
import type { ApiStore } from "./store.ts";

export interface ApiGatewayState {
  readonly hub: Hub;
  readonly store: ApiStore;
  readonly commit: GroupCommit;
}

const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

/** Ten letters and digits, as AWS's ids are; the first is a letter, since hosts begin with it. */
export function newId(length = 10): string {
  const bytes = [...randomBytes(length)];
  return bytes.map((byte, index) => alphabet[byte % (index === 0 ? 26 : 36)]).join("");
}

export function isoDate(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}

export function notFound(kind: string, id: string): AwsError {
  return new AwsError("NotFoundException", `Invalid ${kind} identifier specified ${id}`, 404);
}

/** The API a request is about. */
export function apiOf(store: ApiStore, input: Input): Api {
  const id = requiredText(input, "apiId");
  const api = store.get(id, "api", id);
  if (!api) throw notFound("API", id);
  return api;
}

export function page(
  all: readonly object[],
  input: Input,
): { items: readonly object[]; nextToken: string | undefined } {
  const size = Number(text(input, "maxResults") ?? all.length);
  const start = Number(text(input, "nextToken") ?? 0);
  if (!Number.isInteger(start) || start < 0 || !Number.isInteger(size)) throw invalid("Invalid nextToken.");
  const end = start + size;
  return { items: all.slice(start, end), nextToken: end < all.length ? String(end) : undefined };
}
