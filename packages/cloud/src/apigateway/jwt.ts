/** JWT authorizers: tokens of an OpenID issuer, checked against the keys it publishes. */
import { createPublicKey, type JsonWebKey, type KeyObject, verify } from "node:crypto";
import type { HttpResponse } from "../service.ts";
import { type AuthorizerContext, type Exchange, identityValue, plain } from "./exchange.ts";
import type { Authorizer } from "./model.ts";

const keyLifetime = 5 * 60_000;
/** An unknown key id makes the keys be read again, but not for every forged token. */
const refetchPause = 5_000;
const timeout = 5_000;

interface KeySet {
  readonly keys: ReadonlyMap<string, KeyObject>;
  readonly fetched: number;
}

type Claims = Readonly<Record<string, unknown>>;

function denied(error: string): HttpResponse {
  return plain(401, "Unauthorized", {
    "www-authenticate": `Bearer scope="" error="invalid_token" error_description="${error}"`,
  });
}

function parsePart(part: string | undefined): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part ?? "", "base64url").toString());
    return typeof value === "object" && value !== null ? (value as Claims) : undefined;
  } catch {
    return undefined;
  }
}

async function getJson(url: string): Promise<Claims> {
  const { protocol, hostname } = new URL(url);
  const local = /^(localhost|127(\.\d+){3}|\[::1\]|.*\.localhost)$/.test(hostname);
  if (protocol !== "https:" && !(protocol === "http:" && local)) {
    throw new Error(`Keys are fetched over https, or from this machine: not from ${url}.`);
  }
  const response = await fetch(url, { signal: AbortSignal.timeout(timeout), redirect: "error" });
  if (!response.ok) throw new Error(`${url} answered ${response.status}.`);
  return (await response.json()) as Claims;
}

async function fetchKeys(issuer: string): Promise<KeySet> {
  const discovery = await getJson(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  const { keys } = await getJson(String(discovery.jwks_uri));
  const found = new Map<string, KeyObject>();
  for (const jwk of Array.isArray(keys) ? (keys as JsonWebKey[]) : []) {
    const { kid } = jwk as { kid?: string };
    if (kid !== undefined) found.set(kid, createPublicKey({ key: jwk, format: "jwk" }));
  }
  return { keys: found, fetched: Date.now() };
}

function list(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === "string" ? value.split(" ") : [];
}

function verifySignature(algorithm: unknown, key: KeyObject, signed: string, signature: Buffer): boolean {
  const data = Buffer.from(signed);
  if (algorithm === "RS256" && key.asymmetricKeyType === "rsa") return verify("sha256", data, key, signature);
  if (algorithm === "ES256" && key.asymmetricKeyType === "ec") {
    return verify("sha256", data, { key, dsaEncoding: "ieee-p1363" }, signature);
  }
  return false;
}

export function jwtAuthorizer() {
  const issuers = new Map<string, Promise<KeySet>>();

  async function keyOf(issuer: string, kid: string): Promise<KeyObject | undefined> {
    const load = () => {
      const loading = fetchKeys(issuer);
      issuers.set(issuer, loading);
      // A failure is not remembered.
      loading.catch(() => issuers.delete(issuer));
      return loading;
    };
    const known = await (issuers.get(issuer) ?? load());
    const age = Date.now() - known.fetched;
    const fresh = age > keyLifetime || (!known.keys.has(kid) && age > refetchPause) ? await load() : known;
    return fresh.keys.get(kid);
  }

  /** The claims as events tell them, or the answer that refuses the request. */
  return async (
    authorizer: Authorizer,
    exchange: Exchange,
  ): Promise<{ context: AuthorizerContext } | { refusal: HttpResponse }> => {
    const refuse = (error: string) => ({ refusal: denied(error) });
    const given = identityValue(authorizer.identitySource[0] ?? "$request.header.Authorization", exchange);
    if (!given) return { refusal: plain(401, "Unauthorized", { "www-authenticate": "Bearer" }) };
    const token = given.replace(/^bearer\s+/i, "");
    const [head, body, signature = ""] = token.split(".");
    const header = parsePart(head);
    const claims = parsePart(body);
    if (!header || !claims) return refuse("token is malformed");
    const { issuer = "", audience = [] } = authorizer.jwtConfiguration ?? {};
    let key: KeyObject | undefined;
    try {
      key = await keyOf(issuer, String(header.kid));
    } catch (error) {
      return refuse(`the issuer's keys cannot be read: ${(error as Error).message.replaceAll('"', "'")}`);
    }
    if (!key || !verifySignature(header.alg, key, `${head}.${body}`, Buffer.from(signature, "base64url"))) {
      return refuse("signature is invalid");
    }
    const now = exchange.call.time / 1000;
    if (claims.iss !== issuer) return refuse("invalid issuer");
    if (typeof claims.exp !== "number" || claims.exp <= now) return refuse("the token has expired");
    if (typeof claims.nbf === "number" && claims.nbf > now) return refuse("the token is not valid yet");
    const audiences = list(claims.aud ?? claims.client_id);
    if (audience.length > 0 && !audiences.some((one) => audience.includes(one))) {
      return refuse("invalid audience");
    }
    const scopes = list(claims.scope ?? claims.scp);
    const wanted = exchange.match.route.authorizationScopes ?? [];
    if (wanted.length > 0 && !wanted.some((scope) => scopes.includes(scope))) {
      return {
        refusal: plain(403, "Forbidden", { "www-authenticate": 'Bearer error="insufficient_scope"' }),
      };
    }
    const told = Object.entries(claims).map(([name, value]) => [
      name,
      Array.isArray(value)
        ? `[${value.join(" ")}]`
        : typeof value === "object"
          ? JSON.stringify(value)
          : String(value),
    ]);
    return {
      context: { jwt: { claims: Object.fromEntries(told), scopes: wanted.length > 0 ? scopes : null } },
    };
  };
}
