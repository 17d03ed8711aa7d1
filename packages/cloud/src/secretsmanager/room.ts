/** What the operations of Secrets Manager share: finding secrets, and the permissions that takes. */
import { randomInt } from "node:crypto";
import type { PolicyDocument } from "../iam/policy.ts";
import type { Input } from "../protocol/json-input.ts";
import type { AccessRequest, Hub } from "../service.ts";
import { invalid, markedForDeletion, notFound } from "./errors.ts";
import { type Tag, tagsIn, text } from "./input.ts";
import type { Secret } from "./model.ts";
import { openSecretStore, type SecretStore } from "./store.ts";
import { openVault, type Vault } from "./vault.ts";

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

type Facts = Record<string, string | readonly string[]>;

export interface Room {
  readonly hub: Hub;
  readonly store: SecretStore;
  readonly vault: Vault;
  /** By name, ARN, or an ARN without its six characters; one that was deleted, too. */
  find(id: string): Secret | undefined;
  /** The secret `SecretId` names; fails if there is none. */
  demand(input: Input): Secret;
  /** The same, but fails if it was deleted. */
  living(input: Input): Secret;
  newArn(name: string): string;
  policyOf(arn: string): PolicyDocument | undefined;
  /** The permission to do something to a secret. */
  request(action: string, id: unknown, facts?: Facts): AccessRequest;
}

export function openRoom(hub: Hub): Room {
  const store = openSecretStore(hub);
  const prefix = `arn:aws:secretsmanager:${hub.region}:${hub.accountId}:secret:`;
  const policies = new Map<string, { text: string; document: PolicyDocument }>();

  function alive(secret: Secret | undefined): Secret | undefined {
    if (secret?.deletion === undefined || secret.deletion > Date.now()) return secret;
    store.delete(secret);
    return undefined;
  }

  function find(id: string): Secret | undefined {
    if (!id.startsWith("arn:")) return alive(store.byName(id));
    const whole = store.byArn(id);
    if (whole) return alive(whole);
    return id.startsWith(prefix) ? alive(store.byName(id.slice(prefix.length))) : undefined;
  }

  function demand(input: Input): Secret {
    const secret = find(text(input, "SecretId"));
    if (!secret) throw notFound();
    return secret;
  }

  return {
    hub,
    store,
    vault: openVault(hub),
    find,
    demand,
    living(input) {
      const secret = demand(input);
      if (secret.deletion !== undefined) throw markedForDeletion();
      return secret;
    },
    newArn(name) {
      const suffix = Array.from({ length: 6 }, () => letters[randomInt(letters.length)]).join("");
      return `${prefix}${name}-${suffix}`;
    },
    policyOf(arn) {
      const policy = store.byArn(arn)?.policy;
      if (policy === undefined) return undefined;
      const kept = policies.get(arn);
      if (kept?.text === policy) return kept.document;
      const document = JSON.parse(policy) as PolicyDocument;
      policies.set(arn, { text: policy, document });
      return document;
    },
    request(action, id, facts = {}) {
      const name = typeof id === "string" ? id : "";
      const secret = name === "" ? undefined : find(name);
      const context: Facts = { ...facts };
      for (const { Key, Value } of secret?.tags ?? []) {
        context[`aws:ResourceTag/${Key}`] = Value;
        context[`secretsmanager:ResourceTag/${Key}`] = Value;
      }
      if (secret) context["secretsmanager:SecretId"] = secret.arn;
      return {
        action: `secretsmanager:${action}`,
        resource: secret?.arn ?? absentArn(prefix, name),
        context,
      };
    },
  };
}

/** One that is not there has no six characters yet; policies ask for any six. */
function absentArn(prefix: string, name: string): string {
  if (name === "") return "*";
  return name.startsWith("arn:") ? name : `${prefix}${name}-??????`;
}

export function onSecret(room: Room, action: string, facts?: (input: Input) => Facts) {
  return (input: Input): readonly AccessRequest[] => [room.request(action, input.SecretId, facts?.(input))];
}

export function onAccount(action: string) {
  return (): readonly AccessRequest[] => [{ action: `secretsmanager:${action}`, resource: "*" }];
}

export function tagFacts(input: Input): Facts {
  const tags: readonly Tag[] = tagsIn(input);
  const facts: Facts = {};
  for (const { Key, Value } of tags) facts[`aws:RequestTag/${Key}`] = Value;
  if (tags.length > 0) facts["aws:TagKeys"] = tags.map(({ Key }) => Key);
  return facts;
}

export function checkName(name: string): string {
  if (!/^[A-Za-z0-9/_+=.@!-]{1,512}$/.test(name)) {
    throw invalid(
      "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
    );
  }
  return name;
}
