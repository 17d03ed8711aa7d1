/**
 * A fake for tests, of the little that is asked of Cloudflare's API beside a deployment: whose a token is, what is the
 * account's subdomain, and whether something is there. It stands for nothing else of Cloudflare.
 */

import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { join } from "node:path";

export const ACCOUNT = "f0".repeat(16);

export interface FakeToken {
  readonly token: string;
  readonly id: string;
  /** Default `active`. */
  readonly status?: "active" | "disabled" | "expired";
  /** `account` is one that belongs to the account itself. */
  readonly of?: "user" | "account";
  /** The accounts it may list. */
  readonly accounts?: readonly { readonly id: string; readonly name: string }[];
}

export interface FakeCloudflare extends AsyncDisposable {
  /** `CLOUDFLARE_BASE_URL`. */
  readonly url: string;
  /** What was asked, in order: `GET /user/tokens/verify`. */
  readonly calls: readonly string[];
}

/** `find` answers what is in the account, by its path there: `r2/buckets/photos`. */
export async function fakeCloudflare(
  tokens: readonly FakeToken[],
  find?: (place: string) => Promise<unknown>,
): Promise<FakeCloudflare> {
  const calls: string[] = [];
  const server = createServer((request, response) => {
    const path = (request.url ?? "").split("?")[0] ?? "";
    calls.push(`${request.method} ${path}`);
    const given = tokens.find(({ token }) => request.headers.authorization === `Bearer ${token}`);
    if (!given) return refuse(response, 401, 1000, "Invalid API Token");
    const { id, status = "active", of = "user", accounts = [] } = given;
    if (path === "/user/tokens/verify") {
      return of === "user"
        ? reply(response, { id, status })
        : refuse(response, 401, 1000, "Invalid API Token");
    }
    if (path === `/accounts/${ACCOUNT}/tokens/verify` && of === "account") {
      return reply(response, { id, status });
    }
    if (path === "/accounts") return reply(response, accounts);
    if (path === `/accounts/${ACCOUNT}/workers/subdomain`) return reply(response, { subdomain: "harbour" });
    const [, place] = path.split(`/accounts/${ACCOUNT}/`);
    if (!place || !find) return refuse(response, 403, 10000, "Authentication error");
    void find(place).then((found) =>
      found === undefined ? refuse(response, 404, 10007, "Not found") : reply(response, found),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Makes a folder for a local cloud whose S3 knows a token's keys, as R2 does. */
export function knowToken(dir: string, { id, token }: FakeToken): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const keys = {
    accessKeyId: id,
    secretAccessKey: createHash("sha256").update(token).digest("hex"),
    sessionKey: createHash("sha256").update(`session of ${token}`).digest("base64"),
  };
  writeFileSync(join(dir, "credentials.json"), JSON.stringify(keys), { mode: 0o600 });
}

function reply(response: ServerResponse, result: unknown): void {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ success: true, errors: [], messages: [], result }));
}

function refuse(response: ServerResponse, status: number, code: number, message: string): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ success: false, errors: [{ code, message }], messages: [], result: null }));
}
