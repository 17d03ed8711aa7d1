/** The account's keys: root's, kept in a file only its owner reads, and temporary ones that need no keeping. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AwsError } from "../error.ts";
import type { PolicyDocument } from "../iam/policy.ts";
import type { Credentials, Principal } from "../service.ts";

interface KeyFile {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** From which temporary credentials are derived, so that they outlive a restart. */
  readonly sessionKey: string;
}

/** What a session token carries, under a signature. */
interface SessionClaims {
  readonly key: string;
  /** Absent in sessions of root itself. */
  readonly role?: string;
  readonly session: string;
  readonly expires: number;
  readonly policies?: readonly PolicyDocument[];
}

export interface SessionRequest {
  /** Absent for a session of root itself (GetSessionToken). */
  readonly roleArn?: string;
  readonly sessionName: string;
  readonly durationSeconds: number;
  readonly policies?: readonly PolicyDocument[];
}

export interface KeyOwner {
  readonly secretAccessKey: string;
  readonly principal: Principal;
}

export interface Credentialing {
  readonly root: Credentials;
  issue(request: SessionRequest): Required<Credentials>;
  /** The owner of a key; throws what AWS answers when there is none. */
  owner(accessKeyId: string, sessionToken: string | undefined, now: number): KeyOwner;
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** `AKIA…` for lasting keys, `ASIA…` for temporary ones, `AROA…` for roles: a prefix and 16 characters. */
export function uniqueId(prefix: string, length = 16): string {
  let text = prefix;
  for (const byte of randomBytes(length)) text += alphabet[byte & 31];
  return text;
}

function loadKeys(file: string): KeyFile {
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as KeyFile;
  const keys: KeyFile = {
    accessKeyId: uniqueId("AKIA"),
    secretAccessKey: randomBytes(30).toString("base64"),
    sessionKey: randomBytes(32).toString("base64"),
  };
  // Renamed into place: a process killed here leaves no half a file.
  writeFileSync(`${file}.new`, `${JSON.stringify(keys, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return keys;
}

const cacheLimit = 10_000;

export function openCredentials(dir: string, accountId: string): Credentialing {
  const keys = loadKeys(join(dir, "credentials.json"));
  const sessionKey = Buffer.from(keys.sessionKey, "base64");
  const rootPrincipal: Principal = { kind: "root", arn: `arn:aws:iam::${accountId}:root`, accountId };
  const rootOwner: KeyOwner = { secretAccessKey: keys.secretAccessKey, principal: rootPrincipal };
  const known = new Map<string, KeyOwner & { readonly claims: SessionClaims }>();

  const mac = (purpose: string, text: string) =>
    createHmac("sha256", sessionKey).update(`${purpose}\0${text}`).digest();
  const secretOf = (token: string) => mac("secret", token).toString("base64").slice(0, 40);

  function principalOf(claims: SessionClaims): Principal {
    if (claims.role === undefined) return rootPrincipal;
    const name = claims.role.slice(claims.role.lastIndexOf("/") + 1);
    return {
      kind: "role",
      arn: `arn:aws:sts::${accountId}:assumed-role/${name}/${claims.session}`,
      roleArn: claims.role,
      sessionName: claims.session,
      accountId,
      sessionPolicies: claims.policies,
    };
  }

  function open(token: string) {
    const cached = known.get(token);
    if (cached) return cached;
    const [body = "", signature = ""] = token.split(".");
    const given = Buffer.from(signature, "base64url");
    const expected = mac("token", body);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    const claims = JSON.parse(Buffer.from(body, "base64url").toString("utf8")) as SessionClaims;
    const owner = { claims, secretAccessKey: secretOf(token), principal: principalOf(claims) };
    if (known.size >= cacheLimit) known.clear();
    known.set(token, owner);
    return owner;
  }

  return {
    root: { accessKeyId: keys.accessKeyId, secretAccessKey: keys.secretAccessKey },
    issue({ roleArn, sessionName, durationSeconds, policies }) {
      const expires = Math.floor(Date.now() / 1000) + durationSeconds;
      const claims: SessionClaims = {
        key: uniqueId("ASIA"),
        role: roleArn,
        session: sessionName,
        expires,
        policies: policies?.length ? policies : undefined,
      };
      const body = Buffer.from(JSON.stringify(claims)).toString("base64url");
      const sessionToken = `${body}.${mac("token", body).toString("base64url")}`;
      return {
        accessKeyId: claims.key,
        secretAccessKey: secretOf(sessionToken),
        sessionToken,
        expiration: new Date(expires * 1000),
      };
    },
    owner(accessKeyId, sessionToken, now) {
      if (accessKeyId === keys.accessKeyId) return rootOwner;
      if (sessionToken === undefined) {
        throw new AwsError(
          "InvalidAccessKeyId",
          accessKeyId.startsWith("ASIA")
            ? "Temporary credentials need their session token (X-Amz-Security-Token)."
            : "The access key ID you provided does not exist in this local cloud.",
          403,
        );
      }
      const owner = open(sessionToken);
      if (!owner || owner.claims.key !== accessKeyId) {
        throw new AwsError("InvalidToken", "The security token included in the request is invalid.", 403);
      }
      if (owner.claims.expires * 1000 < now) {
        throw new AwsError("ExpiredToken", "The security token included in the request is expired", 403);
      }
      return owner;
    },
  };
}
