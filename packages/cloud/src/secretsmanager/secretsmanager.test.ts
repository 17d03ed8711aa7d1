import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { CreateKeyCommand, DisableKeyCommand, EnableKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import * as sdk from "@aws-sdk/client-secrets-manager";
import { afterAll, describe, expect, it } from "vitest";
import type { Credentials } from "../service.ts";
import { startTestCloud } from "../testing.ts";

const test = await startTestCloud();
afterAll(() => test[Symbol.asyncDispose]());
const secrets = (credentials?: Credentials) => test.client(sdk.SecretsManagerClient, credentials);
const named = (name: string) => ({ name });
let count = 0;
const unique = (name = "secret") => `${name}-${++count}`;

async function create(input: Partial<sdk.CreateSecretCommandInput> = {}) {
  const Name = input.Name ?? unique();
  const { ARN = "", VersionId } = await secrets().send(
    new sdk.CreateSecretCommand({ SecretString: "one", ...input, Name }),
  );
  return { name: Name, arn: ARN, version: VersionId };
}
const get = (SecretId: string, input: object = {}) =>
  secrets().send(new sdk.GetSecretValueCommand({ SecretId, ...input }));
const put = (SecretId: string, SecretString: string, input: object = {}) =>
  secrets().send(new sdk.PutSecretValueCommand({ SecretId, SecretString, ...input }));
const describeSecret = (SecretId: string) => secrets().send(new sdk.DescribeSecretCommand({ SecretId }));
const token = (letter: string) => letter.repeat(32);

describe("a secret", () => {
  it("is had by its name, its ARN, and its ARN without the six characters", async () => {
    const { name, arn, version } = await create({ Name: "app/db", Description: "the database" });
    expect(arn).toMatch(/^arn:aws:secretsmanager:us-east-1:000000000000:secret:app\/db-[A-Za-z]{6}$/);
    for (const id of [name, arn, arn.slice(0, -7)]) {
      expect(await get(id)).toMatchObject({
        ARN: arn,
        Name: name,
        SecretString: "one",
        VersionId: version,
        VersionStages: ["AWSCURRENT"],
      });
    }
    for (const id of ["app", `${arn}x`, "none"]) {
      await expect(get(id)).rejects.toMatchObject(named("ResourceNotFoundException"));
    }
    expect(await describeSecret(name)).toMatchObject({
      Description: "the database",
      VersionIdsToStages: { [version ?? ""]: ["AWSCURRENT"] },
    });
    expect((await describeSecret(name)).LastAccessedDate).toBeInstanceOf(Date);
  });

  it("may be bytes", async () => {
    const bytes = Buffer.from([0, 255, 1, 128]);
    const { arn } = await create({ SecretString: undefined, SecretBinary: bytes });
    const answer = await get(arn);
    expect(Buffer.from(answer.SecretBinary ?? []).equals(bytes)).toBe(true);
    expect(answer).not.toHaveProperty("SecretString");
  });

  it("has the versions it was given, and the labels they have", async () => {
    const { arn, version } = await create();
    const second = await put(arn, "two");
    expect(await get(arn)).toMatchObject({ SecretString: "two", VersionId: second.VersionId });
    expect(await get(arn, { VersionStage: "AWSPREVIOUS" })).toMatchObject({
      SecretString: "one",
      VersionId: version,
    });
    const pending = await put(arn, "three", { VersionStages: ["AWSPENDING"] });
    expect((await get(arn)).SecretString).toBe("two");
    expect((await get(arn, { VersionId: pending.VersionId })).SecretString).toBe("three");
    const move = (input: object) =>
      secrets().send(
        new sdk.UpdateSecretVersionStageCommand({
          SecretId: arn,
          VersionStage: "AWSCURRENT",
          MoveToVersionId: pending.VersionId,
          ...input,
        }),
      );
    await expect(move({})).rejects.toThrow("RemoveFromVersionId can't be empty");
    await expect(move({ RemoveFromVersionId: version })).rejects.toMatchObject(
      named("InvalidParameterException"),
    );
    await move({ RemoveFromVersionId: second.VersionId });
    expect((await get(arn)).SecretString).toBe("three");
    expect((await get(arn, { VersionStage: "AWSPREVIOUS" })).SecretString).toBe("two");
    const list = async (IncludeDeprecated: boolean) => {
      const command = new sdk.ListSecretVersionIdsCommand({ SecretId: arn, IncludeDeprecated });
      return (await secrets().send(command)).Versions?.map(({ VersionId }) => VersionId);
    };
    expect(await list(false)).toEqual([pending.VersionId, second.VersionId]);
    expect(await list(true)).toEqual([pending.VersionId, second.VersionId, version]);
    const wrong = { VersionId: version, VersionStage: "AWSCURRENT" };
    await expect(get(arn, wrong)).rejects.toMatchObject(named("InvalidRequestException"));
    await expect(get(arn, { VersionStage: "NONE" })).rejects.toThrow("staging label: NONE");
  });

  it("takes a repeated request once", async () => {
    const Name = unique();
    const ClientRequestToken = token("a");
    const first = await create({ Name, ClientRequestToken });
    expect(await create({ Name, ClientRequestToken })).toEqual(first);
    await expect(create({ Name })).rejects.toMatchObject(named("ResourceExistsException"));
    await expect(create({ Name, ClientRequestToken, SecretString: "two" })).rejects.toMatchObject(
      named("ResourceExistsException"),
    );
    const again = { ClientRequestToken: token("b") };
    expect(await put(Name, "two", again)).toMatchObject({ VersionId: token("b") });
    expect(await put(Name, "two", again)).toMatchObject({ VersionId: token("b") });
    await expect(put(Name, "three", again)).rejects.toMatchObject(named("ResourceExistsException"));
    expect(Object.keys((await describeSecret(Name)).VersionIdsToStages ?? {})).toHaveLength(2);
    await expect(put(Name, "x", { ClientRequestToken: "short" })).rejects.toThrow("32-64");
  });

  it("loses no version when many put one at once", async () => {
    const { arn } = await create();
    const made = await Promise.all(Array.from({ length: 12 }, (_, index) => put(arn, `value ${index}`)));
    for (const [index, { VersionId }] of made.entries()) {
      expect((await get(arn, { VersionId })).SecretString).toBe(`value ${index}`);
    }
    const stages = Object.values((await describeSecret(arn)).VersionIdsToStages ?? {}).flat();
    expect(stages.sort()).toEqual(["AWSCURRENT", "AWSPREVIOUS"]);
  });

  it("is changed and tagged", async () => {
    const { arn } = await create({ Tags: [{ Key: "team", Value: "red" }] });
    const update = (input: object) =>
      secrets().send(new sdk.UpdateSecretCommand({ SecretId: arn, ...input }));
    expect((await update({ Description: "new" })).VersionId).toBeUndefined();
    expect((await update({ SecretString: "two" })).VersionId).toBeDefined();
    const Tags = [{ Key: "cost", Value: "1" }];
    await secrets().send(new sdk.TagResourceCommand({ SecretId: arn, Tags }));
    await secrets().send(new sdk.UntagResourceCommand({ SecretId: arn, TagKeys: ["team"] }));
    expect(await describeSecret(arn)).toMatchObject({ Description: "new", Tags });
    expect((await get(arn)).SecretString).toBe("two");
  });

  it("can be restored until its window has passed, or goes at once", async () => {
    const { name, arn } = await create();
    const remove = (input: object) =>
      secrets().send(new sdk.DeleteSecretCommand({ SecretId: name, ...input }));
    const { DeletionDate } = await remove({ RecoveryWindowInDays: 7 });
    expect(Number(DeletionDate) - Date.now()).toBeGreaterThan(6.9 * 86_400_000);
    const marked = named("InvalidRequestException");
    await expect(get(name)).rejects.toMatchObject(marked);
    await expect(put(name, "x")).rejects.toMatchObject(marked);
    await expect(create({ Name: name })).rejects.toThrow("already scheduled for deletion");
    expect((await describeSecret(name)).DeletedDate).toBeInstanceOf(Date);
    await secrets().send(new sdk.RestoreSecretCommand({ SecretId: arn }));
    expect((await get(name)).SecretString).toBe("one");
    await expect(remove({ RecoveryWindowInDays: 3 })).rejects.toMatchObject(
      named("InvalidParameterException"),
    );
    await expect(remove({ RecoveryWindowInDays: 7, ForceDeleteWithoutRecovery: true })).rejects.toThrow(
      "conjunction",
    );
    await remove({ ForceDeleteWithoutRecovery: true });
    await expect(describeSecret(name)).rejects.toMatchObject(named("ResourceNotFoundException"));
    await remove({ ForceDeleteWithoutRecovery: true });
    expect((await create({ Name: name })).arn).not.toBe(arn);
  });

  it("goes when its window has passed", async () => {
    await using own = await startTestCloud();
    const client = () => own.client(sdk.SecretsManagerClient);
    const input = { Name: "going", SecretString: "x" };
    const { ARN } = await client().send(new sdk.CreateSecretCommand(input));
    await client().send(new sdk.DeleteSecretCommand({ SecretId: ARN }));
    await own.cloud.stop();
    const database = new DatabaseSync(join(own.dir, "secretsmanager.db"));
    database.exec("UPDATE secret SET body = json_set(body, '$.deletion', 1)");
    database.close();
    await own.restart();
    const found = client().send(new sdk.DescribeSecretCommand({ SecretId: ARN }));
    await expect(found).rejects.toMatchObject(named("ResourceNotFoundException"));
    await client().send(new sdk.CreateSecretCommand(input));
  });

  it("is refused with a bad name, size or value", async () => {
    const bad = named("InvalidParameterException");
    await expect(create({ Name: "a b" })).rejects.toMatchObject(bad);
    await expect(create({ SecretString: "x".repeat(65_537) })).rejects.toMatchObject(bad);
    await expect(create({ SecretBinary: Buffer.from("x") })).rejects.toThrow("both");
    const empty = await create({ SecretString: undefined });
    expect(empty.version).toBeUndefined();
    await expect(get(empty.arn)).rejects.toThrow("staging label: AWSCURRENT");
  });
});

describe("secrets", () => {
  it("are listed by filter, in pages", async () => {
    const prefix = unique("list");
    for (const name of ["a", "b", "c"]) {
      const Tags = [{ Key: `${prefix}-tag`, Value: name }];
      await create({ Name: `${prefix}/${name}`, Tags, Description: `The ${prefix} ${name}` });
    }
    const list = async (Filters: sdk.Filter[], input: object = {}) => {
      const answer = await secrets().send(
        new sdk.ListSecretsCommand({ Filters, SortOrder: "asc", ...input }),
      );
      return { names: answer.SecretList?.map(({ Name = "" }) => Name.slice(-1)), next: answer.NextToken };
    };
    expect((await list([{ Key: "name", Values: [prefix] }])).names).toEqual(["a", "b", "c"]);
    expect((await list([{ Key: "name", Values: [prefix] }], { SortOrder: "desc" })).names).toEqual([
      "c",
      "b",
      "a",
    ]);
    expect((await list([{ Key: "name", Values: [prefix, `!${prefix}/b`] }])).names).toEqual(["a", "c"]);
    expect((await list([{ Key: "description", Values: [`the ${prefix} B`] }])).names).toEqual(["b"]);
    const both: sdk.Filter[] = [
      { Key: "tag-key", Values: [`${prefix}-tag`] },
      { Key: "tag-value", Values: ["c"] },
    ];
    expect((await list(both)).names).toEqual(["c"]);
    expect((await list([{ Key: "all", Values: [`${prefix.toUpperCase()} the a`] }])).names).toContain("a");
    const first = await list([{ Key: "name", Values: [prefix] }], { MaxResults: 2 });
    const rest = await list([{ Key: "name", Values: [prefix] }], { MaxResults: 2, NextToken: first.next });
    expect([first.names, rest.names, rest.next]).toEqual([["a", "b"], ["c"], undefined]);
  });

  it("are had together, each with its own failure", async () => {
    const { arn, name } = await create();
    const answer = await secrets().send(new sdk.BatchGetSecretValueCommand({ SecretIdList: [name, "none"] }));
    expect(answer.SecretValues).toMatchObject([{ ARN: arn, SecretString: "one" }]);
    expect(answer.Errors).toMatchObject([{ SecretId: "none", ErrorCode: "ResourceNotFoundException" }]);
    const Filters: sdk.Filter[] = [{ Key: "name", Values: [name] }];
    const filtered = await secrets().send(new sdk.BatchGetSecretValueCommand({ Filters }));
    expect(filtered.SecretValues?.[0]?.Name).toBe(name);
  });

  it("are there after a restart, and nowhere on the disk in clear", async () => {
    await using own = await startTestCloud();
    const client = () => own.client(sdk.SecretsManagerClient);
    const SecretString = "canary-51fe0c";
    await client().send(new sdk.CreateSecretCommand({ Name: "kept", SecretString }));
    await own.restart();
    const answer = await client().send(new sdk.GetSecretValueCommand({ SecretId: "kept" }));
    expect(answer.SecretString).toBe(SecretString);
    await own.cloud.stop();
    const files = readdirSync(own.dir, { recursive: true, withFileTypes: true }).filter((file) =>
      file.isFile(),
    );
    expect(files.length).toBeGreaterThan(3);
    for (const { parentPath, name } of files) {
      expect(readFileSync(join(parentPath, name)).includes(SecretString), name).toBe(false);
    }
    await own.restart();
  });
});

describe("a key of one's own", () => {
  it("must be usable by whoever reads or writes the secret", async () => {
    const kms = test.client(KMSClient);
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const { KeyId = "", Arn = "" } = KeyMetadata ?? {};
    const { arn } = await create({ KmsKeyId: KeyId });
    const everything = {
      Effect: "Allow",
      Action: ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"],
      Resource: arn,
    } as const;
    const read = { Effect: "Allow", Action: "kms:Decrypt", Resource: Arn } as const;
    const through = { StringEquals: { "kms:ViaService": "secretsmanager.us-east-1.amazonaws.com" } };
    const elsewhere = { StringEquals: { "kms:ViaService": "s3.us-east-1.amazonaws.com" } };
    const command = () => new sdk.GetSecretValueCommand({ SecretId: arn });
    const stranger = secrets(await test.roleWith([everything]));
    await expect(stranger.send(command())).rejects.toThrow("Access to KMS is not allowed");
    const other = secrets(await test.roleWith([everything, { ...read, Condition: elsewhere }]));
    await expect(other.send(command())).rejects.toMatchObject(named("AccessDeniedException"));
    const reader = secrets(await test.roleWith([everything, { ...read, Condition: through }]));
    expect((await reader.send(command())).SecretString).toBe("one");
    const write = new sdk.PutSecretValueCommand({ SecretId: arn, SecretString: "two" });
    await expect(reader.send(write)).rejects.toThrow("kms:GenerateDataKey");
    await kms.send(new DisableKeyCommand({ KeyId }));
    await expect(get(arn)).rejects.toMatchObject(named("DecryptionFailure"));
    await expect(put(arn, "x")).rejects.toMatchObject(named("EncryptionFailure"));
    await kms.send(new EnableKeyCommand({ KeyId }));
    // Under the service's own key it is readable again without a right to the first one.
    await secrets().send(
      new sdk.UpdateSecretCommand({ SecretId: arn, KmsKeyId: "alias/aws/secretsmanager" }),
    );
    expect((await stranger.send(command())).SecretString).toBe("one");
  });
});

describe("a secret's policy", () => {
  it("allows and denies", async () => {
    const { arn } = await create();
    const role = await test.roleWith([]);
    const read = () => secrets(role).send(new sdk.GetSecretValueCommand({ SecretId: arn }));
    const set = (Effect: string, Principal: unknown = { AWS: role.roleArn }, more: object = {}) => {
      const Statement = { Effect, Principal, Action: "secretsmanager:GetSecretValue", Resource: "*" };
      const ResourcePolicy = JSON.stringify({ Version: "2012-10-17", Statement });
      return secrets().send(new sdk.PutResourcePolicyCommand({ SecretId: arn, ResourcePolicy, ...more }));
    };
    await expect(read()).rejects.toMatchObject(named("AccessDeniedException"));
    await set("Allow");
    expect((await read()).SecretString).toBe("one");
    const { ResourcePolicy = "" } = await secrets().send(new sdk.GetResourcePolicyCommand({ SecretId: arn }));
    expect(JSON.parse(ResourcePolicy)).toMatchObject({ Statement: { Effect: "Allow" } });
    await set("Deny");
    await expect(read()).rejects.toThrow("explicit deny");
    await expect(set("Allow", "*", { BlockPublicPolicy: true })).rejects.toMatchObject(
      named("PublicPolicyException"),
    );
    await expect(set("Maybe")).rejects.toMatchObject(named("MalformedPolicyDocumentException"));
    await secrets().send(new sdk.DeleteResourcePolicyCommand({ SecretId: arn }));
    await expect(read()).rejects.toMatchObject(named("AccessDeniedException"));
  });
});

describe("a random password", () => {
  const make = async (input: sdk.GetRandomPasswordCommandInput) =>
    (await secrets().send(new sdk.GetRandomPasswordCommand(input))).RandomPassword ?? "";

  it("is as long as asked for, of what was not excluded", async () => {
    const usual = await make({});
    expect(usual).toHaveLength(32);
    for (const kind of [/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9]/]) expect(usual).toMatch(kind);
    const digits = await make({
      PasswordLength: 200,
      ExcludeLowercase: true,
      ExcludeUppercase: true,
      ExcludePunctuation: true,
      ExcludeCharacters: "01234",
    });
    expect(digits).toMatch(/^[5-9]{200}$/);
    await expect(make({ PasswordLength: 3 })).rejects.toMatchObject(named("InvalidParameterException"));
    await expect(make({ ExcludeCharacters: "0123456789" })).rejects.toThrow("without characters");
    expect(await make({ PasswordLength: 3, RequireEachIncludedType: false })).toHaveLength(3);
  });
});
