/** How a program reaches the host of its stage's Workers, which another process runs. */

import { OutcomeUnknownError } from "@bowline/engine";
import { BowlineError } from "../error.ts";

export interface WorkersAccess {
  readonly endpoint: string;
  /** What allows to deploy code to it. */
  readonly token: string;
}

/** What the host keeps, each by its id. */
export type ObjectKind = "r2" | "kv" | "d1" | "queue" | "consumer" | "script" | "cron" | "token";

export interface WorkersClient {
  put(kind: ObjectKind, id: string, object: object): Promise<void>;
  get<T>(kind: ObjectKind, id: string): Promise<T | undefined>;
  list<T>(kind: ObjectKind): Promise<T[]>;
  /** What is not there is gone already. */
  delete(kind: ObjectKind, id: string): Promise<void>;
  /** Where a Worker of this name answers; the port is kept for it. */
  url(scriptName: string): Promise<string>;
}

function unreachable(cause: unknown): never {
  throw new OutcomeUnknownError("What runs the Workers of this stage does not answer.", { cause });
}

export function workersClient({ endpoint, token }: WorkersAccess): WorkersClient {
  const call = async (method: string, path: string, body?: object): Promise<unknown> => {
    const send = () =>
      fetch(endpoint + path, {
        method,
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    // All that is asked of it may be asked twice.
    const answer = await send().catch(send).catch(unreachable);
    if (answer.status === 404) return undefined;
    const result = (await answer.json()) as { message?: string; hint?: string; code?: string };
    if (answer.ok) return result;
    throw new BowlineError(
      result.code ?? "workers-failed",
      result.message ?? `The Workers answered ${answer.status}.`,
      {
        hint: result.hint,
        exitCode: 1,
      },
    );
  };
  const path = (kind: ObjectKind, id: string) => `/objects/${kind}/${encodeURIComponent(id)}`;
  return {
    async put(kind, id, object) {
      await call("PUT", path(kind, id), object);
    },
    get: async <T>(kind: ObjectKind, id: string) => (await call("GET", path(kind, id))) as T | undefined,
    list: async <T>(kind: ObjectKind) => ((await call("GET", `/objects/${kind}`)) ?? []) as T[],
    async delete(kind, id) {
      await call("DELETE", path(kind, id));
    },
    async url(scriptName) {
      const { url } = (await call("PUT", `/urls/${encodeURIComponent(scriptName)}`)) as { url: string };
      return url;
    },
  };
}
