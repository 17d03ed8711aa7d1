/** Finding keys by what callers call them, and the material of each. */
import { createPrivateKey, type KeyObject, randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";
import { AwsError } from "../error.ts";
import type { PolicyDocument, PolicyStatement } from "../iam/policy.ts";
import type { Hub } from "../service.ts";
import { openSeal } from "../store/seal.ts";
import { notFound } from "./errors.ts";
import type { Grant, Key, Material } from "./model.ts";
import { defaultPolicy, grantStatements, managedPolicy } from "./policy.ts";
import { keySpecs } from "./specs.ts";
import { type KeyStore, openKeyStore } from "./store.ts";

const dayLength = 24 * 3600 * 1000;
/** The services whose own key comes into being with its first use. */
const managedAlias = /^alias\/aws\/(dynamodb|kinesis|lambda|s3|secretsmanager|sns|sqs|ssm)$/;

export type NewKey = Pick<Key, "description" | "spec" | "usage" | "multiRegion" | "tags"> & {
  readonly policy?: string;
};

export interface Keyring {
  readonly store: KeyStore;
  /** The key of an id, an ARN, an alias or its ARN; undefined when there is none. */
  find(given: string): Key | undefined;
  /** The same; fails when there is none. */
  demand(given: string): Key;
  /** The ARN that a request for a key is decided on, there or not. */
  arnOf(given: string): string;
  make(input: NewKey): Promise<Key>;
  /** The material that encrypts now: a new one when the key is due to rotate. */
  current(key: Key, now: number): { readonly id: string; readonly bytes: Buffer };
  material(key: Key, id: string): Buffer | undefined;
  rotate(key: Key, now: number, rotation: "AUTOMATIC" | "ON_DEMAND"): Key;
  /** The private key of an asymmetric one. */
  privateKey(key: Key): KeyObject;
  /** The policy of the key with that ARN, its grants among it. */
  policyOf(arn: string): PolicyDocument | undefined;
  /** Forgets the keys whose time has come. */
  purge(): void;
}

export function openKeyring(hub: Hub): Keyring {
  const store = openKeyStore(hub);
  const seal = openSeal(join(hub.folder("kms"), "key"));
  const arnPrefix = `arn:aws:kms:${hub.region}:${hub.accountId}:`;
  const privateKeys = new Map<string, KeyObject>();
  const policies = new Map<string, { key: Key; grants: readonly Grant[]; document: PolicyDocument }>();

  function newMaterial(
    keyId: string,
    bytes: Uint8Array,
    created: number,
    rotation?: Material["rotation"],
  ): Material {
    const sealed = seal.seal(bytes, keyId).toString("base64");
    return { id: randomBytes(32).toString("hex"), sealed, created, rotation };
  }

  function put(input: NewKey, manager: Key["manager"], policy: string, bytes: Uint8Array): Key {
    const created = Date.now();
    const id = input.multiRegion ? `mrk-${randomUUID().replaceAll("-", "")}` : randomUUID();
    const key: Key = {
      ...input,
      id,
      arn: `${arnPrefix}key/${id}`,
      created,
      state: "Enabled",
      manager,
      policy,
      materials: [newMaterial(id, bytes, created)],
      rotation: manager === "AWS" ? { periodInDays: 365, next: created + 365 * dayLength } : undefined,
    };
    store.putKey(key);
    return key;
  }

  function managedKey(alias: string, service: string): Key {
    const input = {
      description: `Default key that protects what ${service} keeps when no other key is defined`,
      spec: "SYMMETRIC_DEFAULT",
      usage: "ENCRYPT_DECRYPT",
      multiRegion: false,
      tags: {},
    } as const;
    const key = put(input, "AWS", managedPolicy(service, hub.region, hub.accountId), randomBytes(32));
    store.putAlias({ name: alias, keyId: key.id, created: key.created, updated: key.created });
    return key;
  }

  function alive(key: Key | undefined): Key | undefined {
    if (key?.deletion === undefined || key.deletion > Date.now()) return key;
    store.deleteKey(key.id);
    for (const { id } of key.materials) privateKeys.delete(id);
    policies.delete(key.id);
    return undefined;
  }

  /** What is left of an ARN of this account and region. */
  function localName(given: string): string | undefined {
    if (!given.startsWith("arn:")) return given;
    return given.startsWith(arnPrefix) ? given.slice(arnPrefix.length).replace(/^key\//, "") : undefined;
  }

  function find(given: string): Key | undefined {
    const name = localName(given);
    if (name === undefined) return undefined;
    if (!name.startsWith("alias/")) return alive(store.key(name));
    const alias = store.alias(name);
    if (alias) return alive(store.key(alias.keyId));
    const service = managedAlias.exec(name)?.[1];
    return service === undefined ? undefined : managedKey(name, service);
  }

  function arnOf(given: string): string {
    const key = find(given);
    if (key) return key.arn;
    if (given.startsWith("arn:")) return given;
    return `${arnPrefix}${given.startsWith("alias/") ? "" : "key/"}${given}`;
  }

  function material(key: Key, id: string): Buffer | undefined {
    const found = key.materials.find((each) => each.id === id);
    return found && seal.open(Buffer.from(found.sealed, "base64"), key.id);
  }

  function newest(key: Key): Material {
    const found = key.materials.at(-1);
    if (!found) throw new Error(`The key ${key.arn} has no material.`);
    return found;
  }

  function rotate(key: Key, now: number, rotation: "AUTOMATIC" | "ON_DEMAND"): Key {
    const next = key.rotation && { ...key.rotation, next: now + key.rotation.periodInDays * dayLength };
    const materials = [...key.materials, newMaterial(key.id, randomBytes(32), now, rotation)];
    const rotated = { ...key, rotation: rotation === "AUTOMATIC" ? next : key.rotation, materials };
    store.putKey(rotated);
    return rotated;
  }

  return {
    store,
    find,
    demand(given) {
      const key = find(given);
      if (key) return key;
      const name = localName(given) ?? given;
      if (name.startsWith("alias/")) throw notFound(`Alias ${arnOf(given)} is not found.`);
      if (/^(mrk-)?[0-9a-f-]{32,36}$/.test(name) || given.startsWith("arn:")) {
        throw notFound(`Key '${arnOf(given)}' does not exist`);
      }
      throw notFound(`Invalid keyId '${given.slice(0, 256)}'`);
    },
    arnOf,
    async make(input) {
      const spec = keySpecs[input.spec];
      if (!spec) throw new AwsError("ValidationException", `There is no key spec ${input.spec}.`);
      return put(input, "CUSTOMER", input.policy ?? defaultPolicy(hub.accountId), await spec.generate());
    },
    current(given, now) {
      const due = given.rotation !== undefined && given.rotation.next <= now;
      const key = due ? rotate(given, now, "AUTOMATIC") : given;
      const { id, sealed } = newest(key);
      return { id, bytes: seal.open(Buffer.from(sealed, "base64"), key.id) };
    },
    material,
    rotate,
    privateKey(key) {
      const { id, sealed } = newest(key);
      let found = privateKeys.get(id);
      if (!found) {
        const der = seal.open(Buffer.from(sealed, "base64"), key.id);
        found = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
        privateKeys.set(id, found);
      }
      return found;
    },
    policyOf(arn) {
      if (!arn.startsWith(`${arnPrefix}key/`)) return undefined;
      const key = find(arn);
      if (!key) return undefined;
      const grants = store.grantsOf(key.id);
      const kept = policies.get(key.id);
      if (kept?.key.policy === key.policy && kept.grants === grants) return kept.document;
      const own = JSON.parse(key.policy) as PolicyDocument;
      const statements = [own.Statement].flat() as readonly PolicyStatement[];
      const document = { ...own, Statement: [...statements, ...grants.flatMap(grantStatements)] };
      policies.set(key.id, { key, grants, document });
      return document;
    },
    purge() {
      for (const key of store.keys()) alive(key);
    },
  };
}
