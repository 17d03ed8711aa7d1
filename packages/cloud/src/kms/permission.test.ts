/** Who may use a key: its policy, the account's policies where it leaves it to them, and grants. */

import * as sdk from "@aws-sdk/client-kms";
import { afterAll, describe, expect, it } from "vitest";
import type { Credentials } from "../service.ts";
import { startTestCloud } from "../testing.ts";

const test = await startTestCloud();
afterAll(() => test[Symbol.asyncDispose]());
const kms = (credentials?: Credentials) => test.client(sdk.KMSClient, credentials);
const account = "arn:aws:iam::000000000000:root";
const Plaintext = Buffer.from("secret");
const denied = { name: "AccessDeniedException" };
const everything = { Effect: "Allow", Action: "kms:*", Resource: "*" } as const;

const policy = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });
const owner = { Effect: "Allow", Principal: { AWS: account }, Action: "kms:*", Resource: "*" };
const keeper = { ...owner, Action: ["kms:PutKeyPolicy", "kms:DescribeKey"] };

async function key(Policy?: string): Promise<string> {
  const { KeyMetadata } = await kms().send(new sdk.CreateKeyCommand({ Policy }));
  return KeyMetadata?.KeyId ?? "";
}
const encrypt = (credentials: Credentials, KeyId: string, EncryptionContext?: Record<string, string>) =>
  kms(credentials).send(new sdk.EncryptCommand({ KeyId, Plaintext, EncryptionContext }));

describe("a key policy", () => {
  it("leaves the account's own policies out unless it names the account", async () => {
    const role = await test.roleWith([everything]);
    const closed = await key(policy(keeper));
    await expect(encrypt(role, closed)).rejects.toMatchObject(denied);
    await expect(encrypt(role, closed)).rejects.toThrow("because no resource-based policy allows");
    await expect(encrypt(role, await key())).resolves.toBeDefined();
    await expect(encrypt(role, await key(policy(owner)))).resolves.toBeDefined();
  });

  it("is enough for the role it names", async () => {
    const role = await test.roleWith([]);
    const open = policy(owner, { ...owner, Principal: { AWS: role.roleArn }, Action: "kms:Encrypt" });
    const id = await key(open);
    const { CiphertextBlob } = await encrypt(role, id);
    await expect(kms(role).send(new sdk.DecryptCommand({ CiphertextBlob }))).rejects.toMatchObject(denied);
  });

  it("denies whom it denies", async () => {
    const role = await test.roleWith([everything]);
    const deny = { ...owner, Effect: "Deny", Principal: { AWS: role.roleArn }, Action: "kms:Encrypt" };
    await expect(encrypt(role, await key(policy(owner, deny)))).rejects.toThrow("explicit deny");
  });

  it("asks for the encryption context and the alias", async () => {
    const role = await test.roleWith([
      {
        ...everything,
        Action: "kms:Encrypt",
        Condition: { StringEquals: { "kms:EncryptionContext:app": "shop" } },
      },
      {
        ...everything,
        Action: "kms:Encrypt",
        Condition: { StringEquals: { "kms:RequestAlias": "alias/shop" } },
      },
    ]);
    const id = await key();
    await kms().send(new sdk.CreateAliasCommand({ AliasName: "alias/shop", TargetKeyId: id }));
    await expect(encrypt(role, id)).rejects.toMatchObject(denied);
    await expect(encrypt(role, id, { app: "other" })).rejects.toMatchObject(denied);
    await expect(encrypt(role, id, { app: "shop" })).resolves.toBeDefined();
    await expect(encrypt(role, "alias/shop")).resolves.toBeDefined();
  });

  it("cannot lock its author out, unless the author insists", async () => {
    const role = await test.roleWith([everything]);
    const id = await key();
    const Policy = policy({ ...owner, Action: "kms:Decrypt" });
    const put = { KeyId: id, Policy, BypassPolicyLockoutSafetyCheck: false };
    await expect(kms(role).send(new sdk.PutKeyPolicyCommand(put))).rejects.toMatchObject({
      name: "MalformedPolicyDocumentException",
    });
    await expect(encrypt(role, id)).resolves.toBeDefined();
    await expect(kms(role).send(new sdk.CreateKeyCommand({ Policy }))).rejects.toThrow("in the future");
    await kms(role).send(new sdk.PutKeyPolicyCommand({ ...put, BypassPolicyLockoutSafetyCheck: true }));
    await expect(encrypt(role, id)).rejects.toMatchObject(denied);
    const broken = { KeyId: id, Policy: "{" };
    await expect(kms().send(new sdk.PutKeyPolicyCommand(broken))).rejects.toMatchObject({
      name: "MalformedPolicyDocumentException",
    });
    expect((await kms().send(new sdk.GetKeyPolicyCommand({ KeyId: id }))).Policy).toBe(Policy);
  });
});

describe("a grant", () => {
  const grant = (KeyId: string, GranteePrincipal: string, rest: Partial<sdk.CreateGrantCommandInput> = {}) =>
    kms().send(new sdk.CreateGrantCommand({ KeyId, GranteePrincipal, Operations: ["Encrypt"], ...rest }));

  it("gives its grantee what it names, until it is revoked", async () => {
    const role = await test.roleWith([]);
    const id = await key();
    await expect(encrypt(role, id)).rejects.toMatchObject(denied);
    const { GrantId, GrantToken } = await grant(id, role.roleArn, { Name: "one" });
    const { CiphertextBlob } = await encrypt(role, id);
    await expect(kms(role).send(new sdk.DecryptCommand({ CiphertextBlob }))).rejects.toMatchObject(denied);
    await expect(encrypt(await test.roleWith([]), id)).rejects.toMatchObject(denied);
    // Asked for again by its name, it is the same.
    expect(await grant(id, role.roleArn, { Name: "one" })).toMatchObject({ GrantId, GrantToken });
    const { Grants } = await kms().send(new sdk.ListGrantsCommand({ KeyId: id }));
    expect(Grants).toMatchObject([
      { GrantId, Name: "one", GranteePrincipal: role.roleArn, Operations: ["Encrypt"] },
    ]);
    await test.restart();
    await encrypt(role, id);
    await kms().send(new sdk.RevokeGrantCommand({ KeyId: id, GrantId }));
    await expect(encrypt(role, id)).rejects.toMatchObject(denied);
    const again = kms().send(new sdk.RevokeGrantCommand({ KeyId: id, GrantId }));
    await expect(again).rejects.toMatchObject({ name: "InvalidGrantIdException" });
  });

  it("is bound to the encryption context it names", async () => {
    const role = await test.roleWith([]);
    const id = await key();
    await grant(id, role.roleArn, { Constraints: { EncryptionContextSubset: { App: "shop" } } });
    await expect(encrypt(role, id)).rejects.toMatchObject(denied);
    await expect(encrypt(role, id, { app: "shop" })).rejects.toMatchObject(denied);
    await expect(encrypt(role, id, { App: "shop", more: "1" })).resolves.toBeDefined();
    const other = await test.roleWith([]);
    await grant(id, other.roleArn, { Constraints: { EncryptionContextEquals: { App: "shop" } } });
    await expect(encrypt(other, id, { App: "shop", more: "1" })).rejects.toMatchObject(denied);
    await expect(encrypt(other, id, { App: "shop" })).resolves.toBeDefined();
  });

  it("is passed on with no more than it has, and retired by whom it names", async () => {
    const [role, other] = [await test.roleWith([]), await test.roleWith([])];
    const id = await key();
    await grant(id, role.roleArn, {
      Operations: ["Encrypt", "CreateGrant"],
      RetiringPrincipal: other.roleArn,
    });
    const pass = (Operations: sdk.GrantOperation[]) =>
      kms(role).send(new sdk.CreateGrantCommand({ KeyId: id, GranteePrincipal: other.roleArn, Operations }));
    await expect(pass(["Decrypt"])).rejects.toMatchObject(denied);
    const passed = await pass(["Encrypt"]);
    await expect(encrypt(other, id)).resolves.toBeDefined();
    const retire = (credentials: Credentials, input: sdk.RetireGrantCommandInput) =>
      kms(credentials).send(new sdk.RetireGrantCommand(input));
    await expect(retire(other, { GrantToken: passed.GrantToken })).rejects.toMatchObject(denied);
    const { Grants } = await kms().send(
      new sdk.ListRetirableGrantsCommand({ RetiringPrincipal: other.roleArn }),
    );
    expect(Grants).toHaveLength(1);
    await expect(retire(role, { KeyId: id, GrantId: Grants?.[0]?.GrantId })).rejects.toMatchObject(denied);
    await retire(other, { KeyId: Grants?.[0]?.KeyId, GrantId: Grants?.[0]?.GrantId });
    await expect(encrypt(role, id)).rejects.toMatchObject(denied);
  });
});

describe("a service's own key", () => {
  it("comes with its first use, and serves nobody but through the service", async () => {
    const role = await test.roleWith([everything]);
    const { KeyMetadata } = await kms(role).send(
      new sdk.DescribeKeyCommand({ KeyId: "alias/aws/secretsmanager" }),
    );
    expect(KeyMetadata).toMatchObject({ KeyManager: "AWS" });
    await expect(encrypt(role, "alias/aws/secretsmanager")).rejects.toMatchObject(denied);
    const KeyId = KeyMetadata?.KeyId;
    await expect(kms().send(new sdk.DisableKeyCommand({ KeyId }))).rejects.toThrow("managed by AWS");
  });
});
