/** Grants: a key's use given to a principal, without a policy being changed. */
import { createHash, randomBytes } from "node:crypto";
import { AwsError } from "../error.ts";
import { type Input, optionalText, optionalTexts, textMap } from "../protocol/json-input.ts";
import { type AccessRequest, type Call, type Operation, operation } from "../service.ts";
import { keyRequest, onAccount, onKey } from "./access.ts";
import { invalid, unsupported } from "./errors.ts";
import { endDryRun, page, text } from "./input.ts";
import type { Keyring } from "./keyring.ts";
import type { Grant, Key } from "./model.ts";
import { grantOperations as known } from "./policy.ts";
import { demandEnabled, demandStaying, managedBy } from "./usable.ts";

const principalPattern = /^(arn:aws:(iam|sts)::\d{12}:(root|role\/.+|user\/.+|assumed-role\/.+)|\d{12})$/;

function principalIn(input: Input, name: string): string | undefined {
  const principal = optionalText(input, name);
  if (principal !== undefined && !principalPattern.test(principal)) {
    throw new AwsError(
      "InvalidArnException",
      `${name} ${principal.slice(0, 256)} is not the ARN of a principal.`,
    );
  }
  return principal;
}

function operationsIn(input: Input): readonly string[] {
  const operations = optionalTexts(input, "Operations") ?? [];
  const strange = operations.find((name) => !Object.hasOwn(known, name));
  if (operations.length === 0 || strange !== undefined) {
    throw invalid(`Operations must be some of ${Object.keys(known).join(", ")}, not ${strange ?? "none"}.`);
  }
  return [...new Set(operations)];
}

function constraintsIn(input: Input): Pick<Grant, "subset" | "equals"> {
  const given = input.Constraints;
  if (given === undefined || given === null) return {};
  if (typeof given !== "object") throw invalid("Constraints must be a structure.");
  const constraints = given as Input;
  if (constraints.SourceArn !== undefined)
    throw unsupported("Constraints by SourceArn are not part of the local cloud.");
  const of = (name: string) => (constraints[name] === undefined ? undefined : textMap(constraints, name));
  return { subset: of("EncryptionContextSubset"), equals: of("EncryptionContextEquals") };
}

const shown = (grant: Grant, key: Key) => ({
  KeyId: key.arn,
  GrantId: grant.id,
  Name: grant.name,
  CreationDate: grant.created / 1000,
  GranteePrincipal: grant.grantee,
  RetiringPrincipal: grant.retiring,
  IssuingAccount: grant.issuer,
  Operations: grant.operations,
  Constraints:
    grant.subset || grant.equals
      ? { EncryptionContextSubset: grant.subset, EncryptionContextEquals: grant.equals }
      : undefined,
});

export function grantOperations(ring: Keyring): Record<string, Operation> {
  const { store } = ring;

  function create(input: Input, call: Call) {
    const key = managedBy(ring, input);
    demandEnabled(key);
    const { spec } = key;
    const wanted = {
      name: optionalText(input, "Name"),
      grantee: principalIn(input, "GranteePrincipal") ?? text(input, "GranteePrincipal"),
      retiring: principalIn(input, "RetiringPrincipal"),
      operations: operationsIn(input),
      ...constraintsIn(input),
    };
    if ((wanted.subset || wanted.equals) && spec !== "SYMMETRIC_DEFAULT") {
      throw invalid(`Constraints are for symmetric keys: ${key.arn} is one of ${spec}.`);
    }
    endDryRun(input);
    // A grant of that name with nothing changed is the same grant: the request may be a repeated one.
    const same = ({ name, grantee, retiring, operations, subset, equals }: Grant) =>
      name !== undefined &&
      JSON.stringify({ name, grantee, retiring, operations, subset, equals }) === JSON.stringify(wanted);
    let grant = store.grantsOf(key.id).find(same);
    if (!grant) {
      grant = {
        ...wanted,
        id: createHash("sha256").update(randomBytes(32)).digest("hex"),
        token: randomBytes(96).toString("base64url"),
        keyId: key.id,
        issuer: `arn:aws:iam::${call.accountId}:root`,
        created: call.time,
      };
      store.putGrant(grant);
    }
    return { GrantId: grant.id, GrantToken: grant.token };
  }

  function demandGrant(key: Key, id: string): Grant {
    const grant = store.grantsOf(key.id).find((each) => each.id === id);
    if (!grant) throw new AwsError("InvalidGrantIdException", `${key.arn} has no grant ${id.slice(0, 128)}.`);
    return grant;
  }

  /** A grant to retire is named by its token, or by its key and its id. */
  function toRetire(input: Input): { readonly keyId: unknown; readonly id: string | undefined } {
    const token = optionalText(input, "GrantToken");
    if (token === undefined) return { keyId: input.KeyId, id: optionalText(input, "GrantId") };
    const grant = store.allGrants().find((each) => each.token === token);
    if (!grant) throw new AwsError("InvalidGrantTokenException", "The grant token is not one of this KMS.");
    return { keyId: grant.keyId, id: grant.id };
  }

  function listed(input: Input, grants: readonly Grant[]) {
    const id = optionalText(input, "GrantId");
    const grantee = optionalText(input, "GranteePrincipal");
    const matching = grants.filter(
      (grant) =>
        (id === undefined || grant.id === id) && (grantee === undefined || grant.grantee === grantee),
    );
    const { items, rest } = page(input, matching, 50, 100);
    const Grants = items.flatMap((grant) => {
      const key = ring.find(grant.keyId);
      return key ? [shown(grant, key)] : [];
    });
    return { Grants, ...rest };
  }

  return {
    CreateGrant: operation<Input, unknown>({
      access: onKey(ring, "CreateGrant", (input) => {
        const facts: Record<string, string | readonly string[]> = {
          "kms:GrantOperations": optionalTexts(input, "Operations") ?? [],
          "kms:GrantIsForAWSResource": "false",
        };
        const grantee = optionalText(input, "GranteePrincipal");
        const retiring = optionalText(input, "RetiringPrincipal");
        if (grantee !== undefined) facts["kms:GranteePrincipal"] = grantee;
        if (retiring !== undefined) facts["kms:RetiringPrincipal"] = retiring;
        return facts;
      }),
      run: create,
    }),
    ListGrants: operation<Input, unknown>({
      access: onKey(ring, "ListGrants"),
      run: (input) => listed(input, store.grantsOf(managedBy(ring, input).id)),
    }),
    ListRetirableGrants: operation<Input, unknown>({
      access: onAccount("ListRetirableGrants"),
      run(input) {
        const retiring = text(input, "RetiringPrincipal");
        return listed(
          { Limit: input.Limit, Marker: input.Marker },
          store.allGrants().filter((grant) => grant.retiring === retiring),
        );
      },
    }),
    RetireGrant: operation<Input, unknown>({
      access(input, call): readonly AccessRequest[] {
        const { keyId, id } = toRetire(input);
        return [keyRequest(ring, "RetireGrant", keyId, call, id === undefined ? {} : { "kms:GrantId": id })];
      },
      run(input) {
        const { keyId, id } = toRetire(input);
        const key = managedBy(ring, { KeyId: keyId });
        demandStaying(key);
        const grant = demandGrant(key, id ?? text(input, "GrantId"));
        endDryRun(input);
        store.deleteGrant(grant);
      },
    }),
    RevokeGrant: operation<Input, unknown>({
      access: onKey(ring, "RevokeGrant"),
      run(input) {
        const grant = demandGrant(managedBy(ring, input), text(input, "GrantId"));
        endDryRun(input);
        store.deleteGrant(grant);
      },
    }),
  };
}
