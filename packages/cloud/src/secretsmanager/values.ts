/** Secret values: putting and getting them, and the versions and labels they have. */
import { AwsError } from "../error.ts";
import { type Input, optionalText, optionalTexts } from "../protocol/json-input.ts";
import { type AccessRequest, type Call, type Operation, operation } from "../service.ts";
import { exists, invalid, markedForDeletion, notFound } from "./errors.ts";
import { matchesFilters } from "./filters.ts";
import { page, text, tokenIn } from "./input.ts";
import type { Secret, Version } from "./model.ts";
import { onSecret, type Room } from "./room.ts";
import { changeStage, current, moveStage, prune, versionOf, wantedVersion } from "./stages.ts";
import type { Value } from "./vault.ts";

const sizeLimit = 65_536;
const dayLength = 24 * 3600 * 1000;
const mostStages = 20;

/** The value in a request, if it brings one. */
export function valueIn(input: Input): Value | undefined {
  const string = optionalText(input, "SecretString");
  const binary = optionalText(input, "SecretBinary");
  if (string !== undefined && binary !== undefined) {
    throw invalid(
      "You can't specify both a binary secret value and a string secret value in the same secret.",
    );
  }
  if (string === undefined && binary === undefined) return undefined;
  const bytes = string === undefined ? Buffer.from(binary ?? "", "base64") : Buffer.from(string);
  if (bytes.length > sizeLimit) throw invalid(`A secret value has at most ${sizeLimit} bytes.`);
  return { bytes, binary: string === undefined };
}

export interface Addition {
  readonly id: string;
  readonly value: Value;
  readonly stages: readonly string[];
  /** What else of the secret changes with it. */
  readonly change?: Partial<Secret>;
}

/**
 * Writes a version with a value and labels. A version of that id is one that an earlier, same request made, or one
 * that a rotation prepared without a value; with another value it is a conflict.
 */
export async function addVersion(
  room: Room,
  secret: Secret,
  addition: Addition,
  call: Call,
): Promise<Version | undefined> {
  const { id, value, stages, change = {} } = addition;
  const { store, vault } = room;
  const stored = store.value(secret.arn, id);
  if (stored) {
    const before = await vault.open(secret, id, stored, call);
    if (!before.bytes.equals(value.bytes) || before.binary !== value.binary) {
      throw exists(
        `You can't use ClientRequestToken ${id} because that value is already in use for a version of secret ${secret.arn}.`,
      );
    }
    const latest = room.living({ SecretId: secret.arn });
    if (Object.keys(change).length > 0) store.put({ ...latest, ...change, changed: call.time });
    return versionOf(latest.versions, id);
  }
  const isNew = !store.byArn(secret.arn);
  const { keyArn, value: sealed } = await vault.seal({ ...secret, ...change }, id, value, call);
  // Others may have changed the secret while KMS was asked. From here to the write nobody else has a turn.
  if (store.value(secret.arn, id)) return addVersion(room, secret, addition, call);
  if (isNew && room.find(secret.name)) throw alreadyThere(secret.name);
  const latest = isNew ? secret : room.living({ SecretId: secret.arn });
  const old = versionOf(latest.versions, id);
  const added: Version = { id, created: call.time, stages: old?.stages ?? [], keyArn };
  let versions: readonly Version[] = [...latest.versions.filter((version) => version.id !== id), added];
  const labels = latest.versions.length === 0 && !stages.includes(current) ? [...stages, current] : stages;
  for (const stage of labels) versions = moveStage(versions, stage, id);
  store.put({ ...latest, ...change, versions: prune(versions), changed: call.time }, new Map([[id, sealed]]));
  return versionOf(versions, id);
}

export function alreadyThere(name: string): AwsError {
  return exists(`The operation failed because the secret ${name} already exists.`);
}

export function valueOperations(room: Room): Record<string, Operation> {
  const { store, vault } = room;

  async function reveal(secret: Secret, version: Version, call: Call) {
    const stored = store.value(secret.arn, version.id);
    if (!stored) throw notFound(`the specified secret value for VersionId: ${version.id}`);
    const { bytes, binary } = await vault.open(secret, version.id, stored, call);
    noteAccess(secret.arn, version.id, call.time);
    return {
      ARN: secret.arn,
      Name: secret.name,
      VersionId: version.id,
      SecretString: binary ? undefined : bytes.toString(),
      SecretBinary: binary ? bytes.toString("base64") : undefined,
      VersionStages: version.stages,
      CreatedDate: version.created / 1000,
    };
  }

  /** Reading is noted by the day, so that it is written once a day. */
  function noteAccess(arn: string, id: string, time: number): void {
    const secret = store.byArn(arn);
    const accessed = Math.floor(time / dayLength) * dayLength;
    if (!secret || versionOf(secret.versions, id)?.accessed === accessed) return;
    const versions = secret.versions.map((version) =>
      version.id === id ? { ...version, accessed } : version,
    );
    store.put({ ...secret, accessed, versions });
  }

  function get(input: Input, call: Call) {
    const secret = room.living(input);
    const version = wantedVersion(
      secret,
      optionalText(input, "VersionId"),
      optionalText(input, "VersionStage"),
    );
    return reveal(secret, version, call);
  }

  async function getOne(id: string, call: Call) {
    try {
      call.authorize(room.request("GetSecretValue", id));
      const secret = room.find(id);
      if (!secret) throw notFound();
      if (secret.deletion !== undefined) throw markedForDeletion();
      return { value: await reveal(secret, wantedVersion(secret, undefined, undefined), call) };
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const ErrorCode = error.code === "AccessDenied" ? "AccessDeniedException" : error.code;
      return { error: { SecretId: id, ErrorCode, Message: error.message } };
    }
  }

  return {
    GetSecretValue: operation<Input, unknown>({
      access: onSecret(room, "GetSecretValue", (input) => {
        const facts: Record<string, string> = {
          "secretsmanager:VersionStage": optionalText(input, "VersionStage") ?? current,
        };
        const id = optionalText(input, "VersionId");
        if (id !== undefined) facts["secretsmanager:VersionId"] = id;
        return facts;
      }),
      run: get,
    }),
    BatchGetSecretValue: operation<Input, unknown>({
      access(input): readonly AccessRequest[] {
        const batch = { action: "secretsmanager:BatchGetSecretValue", resource: "*" };
        return input.Filters === undefined
          ? [batch]
          : [batch, { action: "secretsmanager:ListSecrets", resource: "*" }];
      },
      async run(input, call) {
        const ids = optionalTexts(input, "SecretIdList");
        if ((ids === undefined) === (input.Filters === undefined)) {
          throw invalid("Give either SecretIdList or Filters.");
        }
        if (ids && (ids.length < 1 || ids.length > 20)) throw invalid("SecretIdList has 1 to 20 secrets.");
        const found =
          ids ??
          store
            .all()
            .filter((secret) => secret.deletion === undefined && matchesFilters(secret, input))
            .map(({ arn }) => arn);
        const { items, NextToken } = page(input, found, 20, 20);
        const answers = await Promise.all(items.map((id) => getOne(id, call)));
        return {
          SecretValues: answers.flatMap(({ value }) => value ?? []),
          Errors: answers.flatMap(({ error }) => error ?? []),
          NextToken,
        };
      },
    }),
    PutSecretValue: operation<Input, unknown>({
      access: onSecret(room, "PutSecretValue"),
      async run(input, call) {
        const secret = room.living(input);
        const value = valueIn(input);
        if (!value) throw invalid("You must provide either SecretString or SecretBinary.");
        const id = tokenIn(input);
        const stages = optionalTexts(input, "VersionStages") ?? [current];
        if (stages.length < 1 || stages.length > mostStages || stages.some((stage) => !stage)) {
          throw invalid(`VersionStages has 1 to ${mostStages} labels.`);
        }
        const version = await addVersion(room, secret, { id, value, stages }, call);
        return { ARN: secret.arn, Name: secret.name, VersionId: id, VersionStages: version?.stages };
      },
    }),
    UpdateSecretVersionStage: operation<Input, unknown>({
      access: onSecret(room, "UpdateSecretVersionStage", (input) => ({
        "secretsmanager:VersionStage": optionalText(input, "VersionStage") ?? "",
      })),
      run(input, call) {
        const secret = room.living(input);
        const stage = text(input, "VersionStage");
        const from = optionalText(input, "RemoveFromVersionId");
        const to = optionalText(input, "MoveToVersionId");
        store.put({ ...secret, versions: changeStage(secret, stage, from, to), changed: call.time });
        return { ARN: secret.arn, Name: secret.name };
      },
    }),
    ListSecretVersionIds: operation<Input, unknown>({
      access: onSecret(room, "ListSecretVersionIds"),
      run(input) {
        const secret = room.demand(input);
        const all = [...secret.versions]
          .reverse()
          .filter(({ stages }) => input.IncludeDeprecated === true || stages.length > 0);
        const { items, NextToken } = page(input, all, 100, 100);
        return {
          Versions: items.map(({ id, stages, created, accessed, keyArn }) => ({
            VersionId: id,
            VersionStages: stages,
            CreatedDate: created / 1000,
            LastAccessedDate: accessed && accessed / 1000,
            KmsKeyIds: secret.keyId === undefined ? ["DefaultEncryptionKey"] : keyArn && [keyArn],
          })),
          NextToken,
          ARN: secret.arn,
          Name: secret.name,
        };
      },
    }),
  };
}
