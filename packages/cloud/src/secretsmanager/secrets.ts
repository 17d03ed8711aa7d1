/** Secrets: making, describing, changing, listing, deleting and restoring them. */

import { type Input, optionalText, optionalTexts } from "../protocol/json-input.ts";
import { type AccessRequest, type Call, type Operation, operation } from "../service.ts";
import { invalid, invalidRequest } from "./errors.ts";
import { matchesFilters } from "./filters.ts";
import { mergeTags, optionalInteger, page, tagsIn, text, tokenIn } from "./input.ts";
import type { SealedValue, Secret, Version } from "./model.ts";
import { randomPassword } from "./random-password.ts";
import { checkName, onAccount, onSecret, type Room, tagFacts } from "./room.ts";
import { current } from "./stages.ts";
import { addVersion, alreadyThere, valueIn } from "./values.ts";

const dayLength = 24 * 3600 * 1000;
const seconds = (time: number | undefined) => (time === undefined ? undefined : time / 1000);

function stagesByVersion({ versions }: Secret): Record<string, readonly string[]> {
  return Object.fromEntries(
    versions.filter(({ stages }) => stages.length > 0).map(({ id, stages }) => [id, stages]),
  );
}

function described(secret: Secret) {
  const { rotation } = secret;
  return {
    ARN: secret.arn,
    Name: secret.name,
    Description: secret.description,
    KmsKeyId: secret.keyId,
    RotationEnabled: rotation?.enabled,
    RotationLambdaARN: rotation?.functionArn,
    RotationRules: rotation?.rules,
    LastRotatedDate: seconds(rotation?.last),
    NextRotationDate: rotation?.enabled ? seconds(rotation.next) : undefined,
    CreatedDate: secret.created / 1000,
    LastChangedDate: secret.changed / 1000,
    LastAccessedDate: seconds(secret.accessed),
    DeletedDate: seconds(secret.deletion),
    Tags: secret.tags,
  };
}

export function secretOperations(room: Room): Record<string, Operation> {
  const { store, vault } = room;
  const latest = (secret: Secret) => room.living({ SecretId: secret.arn });

  async function create(input: Input, call: Call) {
    const name = checkName(text(input, "Name"));
    const value = valueIn(input);
    const id = tokenIn(input);
    const before = room.find(name);
    if (before?.deletion !== undefined) {
      throw invalidRequest(
        "You can't create this secret because a secret with this name is already scheduled for deletion.",
      );
    }
    if (before) {
      if (!value || !store.value(before.arn, id)) throw alreadyThere(name);
      await addVersion(room, before, { id, value, stages: [current] }, call);
      return { ARN: before.arn, Name: name, VersionId: id };
    }
    const secret: Secret = {
      arn: room.newArn(name),
      name,
      created: call.time,
      changed: call.time,
      description: optionalText(input, "Description"),
      keyId: optionalText(input, "KmsKeyId"),
      tags: mergeTags([], tagsIn(input)),
      versions: [],
    };
    if (value) await addVersion(room, secret, { id, value, stages: [current] }, call);
    else store.put(secret);
    return { ARN: secret.arn, Name: name, VersionId: value && id };
  }

  /** Every labelled version, encrypted anew with the secret's key. */
  async function sealAgain(secret: Secret, call: Call) {
    const values = new Map<string, SealedValue>();
    const versions: Version[] = [];
    for (const version of secret.versions) {
      const stored = version.stages.length > 0 ? store.value(secret.arn, version.id) : undefined;
      if (!stored) {
        versions.push(version);
        continue;
      }
      const value = await vault.open(secret, version.id, stored, call);
      const sealed = await vault.seal(secret, version.id, value, call);
      values.set(version.id, sealed.value);
      versions.push({ ...version, keyArn: sealed.keyArn });
    }
    return { versions, values };
  }

  async function update(input: Input, call: Call) {
    const secret = room.living(input);
    const value = valueIn(input);
    const keyId = optionalText(input, "KmsKeyId") ?? secret.keyId;
    const change = { description: optionalText(input, "Description") ?? secret.description, keyId };
    if (value) {
      const id = tokenIn(input);
      await addVersion(room, secret, { id, value, stages: [current], change }, call);
      return { ARN: secret.arn, Name: secret.name, VersionId: id };
    }
    if (keyId === secret.keyId) {
      store.put({ ...secret, ...change, changed: call.time });
      return { ARN: secret.arn, Name: secret.name };
    }
    const { versions, values } = await sealAgain({ ...secret, keyId }, call);
    if (latest(secret).versions !== secret.versions) {
      throw invalidRequest("The secret was changed by another request: repeat yours.");
    }
    store.put({ ...latest(secret), ...change, versions, changed: call.time }, values);
    return { ARN: secret.arn, Name: secret.name };
  }

  function remove(input: Input, call: Call) {
    const force = input.ForceDeleteWithoutRecovery === true;
    const window = optionalInteger(input, "RecoveryWindowInDays", 7, 30);
    if (force && window !== undefined) {
      throw invalid("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
    }
    // What must go, and is gone, is as it should be.
    if (force && !room.find(text(input, "SecretId"))) {
      return { Name: text(input, "SecretId"), DeletionDate: call.time / 1000 };
    }
    const secret = room.demand(input);
    if (force) {
      store.delete(secret);
      return { ARN: secret.arn, Name: secret.name, DeletionDate: call.time / 1000 };
    }
    room.living(input);
    const deletion = call.time + (window ?? 30) * dayLength;
    store.put({ ...secret, deletion });
    return { ARN: secret.arn, Name: secret.name, DeletionDate: deletion / 1000 };
  }

  function list(input: Input) {
    const found = store
      .all()
      .filter(({ arn }) => room.find(arn) !== undefined)
      .filter((secret) => input.IncludePlannedDeletion === true || secret.deletion === undefined)
      .filter((secret) => matchesFilters(secret, input));
    const ordered = input.SortOrder === "asc" ? found : found.reverse();
    const { items, NextToken } = page(input, ordered, 100, 100);
    return {
      SecretList: items.map((secret) => ({
        ...described(secret),
        SecretVersionsToStages: stagesByVersion(secret),
      })),
      NextToken,
    };
  }

  return {
    CreateSecret: operation<Input, unknown>({
      access(input): readonly AccessRequest[] {
        const facts: Record<string, string | readonly string[]> = tagFacts(input);
        if (typeof input.Name === "string") facts["secretsmanager:Name"] = input.Name;
        if (typeof input.KmsKeyId === "string") facts["secretsmanager:KmsKeyId"] = input.KmsKeyId;
        const actions = tagsIn(input).length > 0 ? ["CreateSecret", "TagResource"] : ["CreateSecret"];
        return actions.map((action) => room.request(action, input.Name, facts));
      },
      run: create,
    }),
    DescribeSecret: operation<Input, unknown>({
      access: onSecret(room, "DescribeSecret"),
      run(input) {
        const secret = room.demand(input);
        return { ...described(secret), VersionIdsToStages: stagesByVersion(secret) };
      },
    }),
    UpdateSecret: operation<Input, unknown>({
      access: onSecret(
        room,
        "UpdateSecret",
        (input): Record<string, string> =>
          typeof input.KmsKeyId === "string" ? { "secretsmanager:KmsKeyId": input.KmsKeyId } : {},
      ),
      run: update,
    }),
    DeleteSecret: operation<Input, unknown>({
      access: onSecret(room, "DeleteSecret", (input) => ({
        "secretsmanager:ForceDeleteWithoutRecovery": String(input.ForceDeleteWithoutRecovery === true),
        "secretsmanager:RecoveryWindowInDays": String(input.RecoveryWindowInDays ?? 30),
      })),
      run: remove,
    }),
    RestoreSecret: operation<Input, unknown>({
      access: onSecret(room, "RestoreSecret"),
      run(input) {
        const secret = room.demand(input);
        store.put({ ...secret, deletion: undefined });
        return { ARN: secret.arn, Name: secret.name };
      },
    }),
    ListSecrets: operation<Input, unknown>({ access: onAccount("ListSecrets"), run: list }),
    TagResource: operation<Input, unknown>({
      access: onSecret(room, "TagResource", tagFacts),
      run(input) {
        const secret = room.living(input);
        store.put({ ...secret, tags: mergeTags(secret.tags, tagsIn(input)) });
      },
    }),
    UntagResource: operation<Input, unknown>({
      access: onSecret(room, "UntagResource", (input) => ({
        "aws:TagKeys": optionalTexts(input, "TagKeys") ?? [],
      })),
      run(input) {
        const secret = room.living(input);
        const gone = new Set(optionalTexts(input, "TagKeys"));
        store.put({ ...secret, tags: secret.tags.filter(({ Key }) => !gone.has(Key)) });
      },
    }),
    GetRandomPassword: operation<Input, unknown>({
      access: onAccount("GetRandomPassword"),
      run: (input) => ({ RandomPassword: randomPassword(input) }),
    }),
  };
}
