import { createHash, createPublicKey, verify } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import * as sdk from "@aws-sdk/client-kms";
import { afterAll, describe, expect, it } from "vitest";
import { startTestCloud, type TestCloud } from "../testing.ts";

const test = await startTestCloud();
afterAll(() => test[Symbol.asyncDispose]());
const kms = () => test.client(sdk.KMSClient);
const bytes = (text: string) => Buffer.from(text);
const text = (given: Uint8Array | undefined) => Buffer.from(given ?? []).toString();

async function key(input: sdk.CreateKeyCommandInput = {}) {
  const { KeyMetadata } = await kms().send(new sdk.CreateKeyCommand(input));
  return { id: KeyMetadata?.KeyId ?? "", arn: KeyMetadata?.Arn ?? "" };
}
const encrypt = async (KeyId: string, plain: string, EncryptionContext?: Record<string, string>) =>
  (await kms().send(new sdk.EncryptCommand({ KeyId, Plaintext: bytes(plain), EncryptionContext })))
    .CiphertextBlob;
const decrypt = async (CiphertextBlob: Uint8Array | undefined, rest: object = {}) =>
  text((await kms().send(new sdk.DecryptCommand({ CiphertextBlob, ...rest }))).Plaintext);
const named = (name: string) => ({ name });

describe("a symmetric key", () => {
  it("decrypts what it encrypted, by what the ciphertext says alone", async () => {
    const { id, arn } = await key({ Description: "mine" });
    const sealed = await encrypt(id, "secret");
    const answer = await kms().send(new sdk.DecryptCommand({ CiphertextBlob: sealed }));
    expect(answer).toMatchObject({ KeyId: arn, EncryptionAlgorithm: "SYMMETRIC_DEFAULT" });
    expect(text(answer.Plaintext)).toBe("secret");
    expect(Buffer.from(sealed ?? []).includes("secret")).toBe(false);
    expect(Buffer.from((await encrypt(id, "secret")) ?? []).equals(Buffer.from(sealed ?? []))).toBe(false);
  });

  it("refuses a changed ciphertext, another context and another key", async () => {
    const { id } = await key();
    const sealed = await encrypt(id, "secret", { a: "1", b: "2" });
    expect(await decrypt(sealed, { EncryptionContext: { b: "2", a: "1" } })).toBe("secret");
    const refused = named("InvalidCiphertextException");
    for (const EncryptionContext of [{}, { a: "1" }, { a: "1", b: "3" }, { A: "1", b: "2" }]) {
      await expect(decrypt(sealed, { EncryptionContext })).rejects.toMatchObject(refused);
    }
    const changed = Buffer.from(sealed ?? []);
    changed[changed.length - 20] = (changed.at(-20) ?? 0) ^ 1;
    await expect(decrypt(changed, { EncryptionContext: { a: "1", b: "2" } })).rejects.toMatchObject(refused);
    await expect(decrypt(bytes("nonsense"))).rejects.toMatchObject(refused);
    const other = await key();
    await expect(decrypt(sealed, { KeyId: other.id })).rejects.toMatchObject(named("IncorrectKeyException"));
  });

  it("encrypts 1 to 4096 bytes", async () => {
    const { id } = await key();
    expect(await decrypt(await encrypt(id, "x".repeat(4096)))).toHaveLength(4096);
    await expect(encrypt(id, "x".repeat(4097))).rejects.toMatchObject(named("ValidationException"));
    await expect(encrypt(id, "")).rejects.toMatchObject(named("ValidationException"));
  });

  it("makes data keys that decrypt to what was handed out", async () => {
    const { id, arn } = await key();
    const EncryptionContext = { table: "orders" };
    const data = await kms().send(
      new sdk.GenerateDataKeyCommand({ KeyId: id, KeySpec: "AES_256", EncryptionContext }),
    );
    expect(data.Plaintext).toHaveLength(32);
    const open = (CiphertextBlob: Uint8Array | undefined) =>
      kms().send(new sdk.DecryptCommand({ CiphertextBlob, EncryptionContext }));
    expect((await open(data.CiphertextBlob)).Plaintext).toEqual(data.Plaintext);
    const closed = await kms().send(
      new sdk.GenerateDataKeyWithoutPlaintextCommand({ KeyId: id, NumberOfBytes: 20, EncryptionContext }),
    );
    expect(closed).not.toHaveProperty("Plaintext");
    expect((await open(closed.CiphertextBlob)).Plaintext).toHaveLength(20);
    const both = { KeyId: id, KeySpec: "AES_128", NumberOfBytes: 3 } as const;
    await expect(kms().send(new sdk.GenerateDataKeyCommand(both))).rejects.toThrow("either");
    const pair = await kms().send(
      new sdk.GenerateDataKeyPairCommand({ KeyId: arn, KeyPairSpec: "RSA_2048", EncryptionContext }),
    );
    const opened = await open(pair.PrivateKeyCiphertextBlob);
    expect(opened.Plaintext).toEqual(pair.PrivateKeyPlaintext);
    expect(
      createPublicKey({ key: Buffer.from(pair.PublicKey ?? []), format: "der", type: "spki" })
        .asymmetricKeyType,
    ).toBe("rsa");
  });

  it("is re-encrypted under another key and context without being seen", async () => {
    const [from, to] = [await key(), await key()];
    const moved = await kms().send(
      new sdk.ReEncryptCommand({
        CiphertextBlob: await encrypt(from.id, "moved", { a: "1" }),
        SourceEncryptionContext: { a: "1" },
        DestinationKeyId: to.arn,
        DestinationEncryptionContext: { b: "2" },
      }),
    );
    expect(moved).toMatchObject({ SourceKeyId: from.arn, KeyId: to.arn });
    expect(await decrypt(moved.CiphertextBlob, { EncryptionContext: { b: "2" } })).toBe("moved");
  });

  it("decrypts with its old material after it was rotated", async () => {
    const { id } = await key();
    const old = await encrypt(id, "old");
    await kms().send(new sdk.RotateKeyOnDemandCommand({ KeyId: id }));
    const { Rotations } = await kms().send(new sdk.ListKeyRotationsCommand({ KeyId: id }));
    expect(Rotations).toMatchObject([{ RotationType: "ON_DEMAND" }]);
    const fresh = Buffer.from((await encrypt(id, "new")) ?? []);
    expect(fresh.includes(Buffer.from(Rotations?.[0]?.KeyMaterialId ?? "", "hex"))).toBe(true);
    expect(await decrypt(old)).toBe("old");
    expect(await decrypt(fresh)).toBe("new");
  });

  it("rotates by itself when it was told to, and says when", async () => {
    const { id, arn } = await key();
    const status = () => kms().send(new sdk.GetKeyRotationStatusCommand({ KeyId: id }));
    expect(await status()).toMatchObject({ KeyRotationEnabled: false });
    await kms().send(new sdk.EnableKeyRotationCommand({ KeyId: id, RotationPeriodInDays: 90 }));
    const on = await status();
    expect(on).toMatchObject({ KeyId: arn, KeyRotationEnabled: true, RotationPeriodInDays: 90 });
    expect(Number(on.NextRotationDate) - Date.now()).toBeGreaterThan(89 * 86_400_000);
    await kms().send(new sdk.DisableKeyRotationCommand({ KeyId: id }));
    expect(await status()).toMatchObject({ KeyRotationEnabled: false });
    const short = new sdk.EnableKeyRotationCommand({ KeyId: id, RotationPeriodInDays: 3 });
    await expect(kms().send(short)).rejects.toMatchObject(named("ValidationException"));
  });
});

describe("an RSA key", () => {
  it("encrypts for whoever has its public key", async () => {
    const { id } = await key({ KeySpec: "RSA_2048", KeyUsage: "ENCRYPT_DECRYPT" });
    const EncryptionAlgorithm = "RSAES_OAEP_SHA_256";
    const { CiphertextBlob } = await kms().send(
      new sdk.EncryptCommand({ KeyId: id, Plaintext: bytes("secret"), EncryptionAlgorithm }),
    );
    expect(await decrypt(CiphertextBlob, { KeyId: id, EncryptionAlgorithm })).toBe("secret");
    await expect(
      decrypt(CiphertextBlob, { KeyId: id, EncryptionAlgorithm: "RSAES_OAEP_SHA_1" }),
    ).rejects.toMatchObject(named("InvalidCiphertextException"));
    await expect(encrypt(id, "secret")).rejects.toMatchObject(named("InvalidKeyUsageException"));
    const long = { KeyId: id, Plaintext: Buffer.alloc(191), EncryptionAlgorithm } as const;
    await expect(kms().send(new sdk.EncryptCommand(long))).rejects.toMatchObject(
      named("ValidationException"),
    );
  });
});

const signing = [
  ["RSA_2048", "RSASSA_PKCS1_V1_5_SHA_256"],
  ["RSA_2048", "RSASSA_PKCS1_V1_5_SHA_512"],
  ["RSA_2048", "RSASSA_PSS_SHA_256"],
  ["RSA_3072", "RSASSA_PSS_SHA_512"],
  ["ECC_NIST_P256", "ECDSA_SHA_256"],
  ["ECC_NIST_P384", "ECDSA_SHA_384"],
  ["ECC_NIST_P521", "ECDSA_SHA_512"],
  ["ECC_SECG_P256K1", "ECDSA_SHA_256"],
] as const;

describe.each(signing)("%s with %s", (KeySpec, SigningAlgorithm) => {
  it("signs messages and their digests alike, and refuses any other", async () => {
    const { id: KeyId } = await key({ KeySpec, KeyUsage: "SIGN_VERIFY" });
    const hash = `sha${SigningAlgorithm.slice(-3)}`;
    const digestOf = (message: string) => createHash(hash).update(message).digest();
    const raw = { Message: bytes("message"), MessageType: "RAW" } as const;
    const digest = { Message: digestOf("message"), MessageType: "DIGEST" } as const;
    const { PublicKey } = await kms().send(new sdk.GetPublicKeyCommand({ KeyId }));
    const publicKey = createPublicKey({ key: Buffer.from(PublicKey ?? []), format: "der", type: "spki" });
    const padding = SigningAlgorithm.includes("PSS") ? { padding: 6, saltLength: -1 } : {};
    for (const signed of [raw, digest]) {
      const { Signature } = await kms().send(new sdk.SignCommand({ KeyId, SigningAlgorithm, ...signed }));
      expect(verify(hash, bytes("message"), { key: publicKey, ...padding }, Signature ?? bytes(""))).toBe(
        true,
      );
      const check = (claim: object) =>
        kms().send(
          new sdk.VerifyCommand({ KeyId, SigningAlgorithm, Message: undefined, Signature, ...claim }),
        );
      expect((await check(raw)).SignatureValid).toBe(true);
      expect((await check(digest)).SignatureValid).toBe(true);
      const refused = named("KMSInvalidSignatureException");
      await expect(check({ Message: bytes("massage") })).rejects.toMatchObject(refused);
      await expect(check({ Message: digestOf("massage"), MessageType: "DIGEST" })).rejects.toMatchObject(
        refused,
      );
      const changed = Buffer.from(Signature ?? []);
      changed[changed.length - 3] = (changed.at(-3) ?? 0) ^ 4;
      await expect(check({ ...raw, Signature: changed })).rejects.toMatchObject(refused);
      await expect(check({ ...digest, Signature: changed })).rejects.toMatchObject(refused);
      await expect(check({ ...digest, Signature: bytes("0") })).rejects.toMatchObject(refused);
    }
    const short = { KeyId, SigningAlgorithm, Message: bytes("short"), MessageType: "DIGEST" } as const;
    await expect(kms().send(new sdk.SignCommand(short))).rejects.toThrow("Digest is invalid length");
  });
});

describe("other keys", () => {
  it("authenticate messages", async () => {
    const { id: KeyId } = await key({ KeySpec: "HMAC_384", KeyUsage: "GENERATE_VERIFY_MAC" });
    const MacAlgorithm = "HMAC_SHA_384";
    const Message = bytes("message");
    const { Mac } = await kms().send(new sdk.GenerateMacCommand({ KeyId, MacAlgorithm, Message }));
    expect(Mac).toHaveLength(48);
    const check = (input: object) =>
      kms().send(new sdk.VerifyMacCommand({ KeyId, MacAlgorithm, Message, Mac, ...input }));
    expect((await check({})).MacValid).toBe(true);
    const refused = named("KMSInvalidMacException");
    await expect(check({ Message: bytes("massage") })).rejects.toMatchObject(refused);
    await expect(check({ Mac: bytes("x") })).rejects.toMatchObject(refused);
    await expect(check({ MacAlgorithm: "HMAC_SHA_256" })).rejects.toMatchObject(
      named("InvalidKeyUsageException"),
    );
  });

  it("agree on a secret", async () => {
    const keys = [0, 1].map(() => key({ KeySpec: "ECC_NIST_P384", KeyUsage: "KEY_AGREEMENT" }));
    const [left, right] = await Promise.all(keys);
    const publicKey = async (KeyId = "") =>
      (await kms().send(new sdk.GetPublicKeyCommand({ KeyId }))).PublicKey;
    const derive = async (KeyId = "", PublicKey?: Uint8Array) =>
      (
        await kms().send(
          new sdk.DeriveSharedSecretCommand({ KeyId, PublicKey, KeyAgreementAlgorithm: "ECDH" }),
        )
      ).SharedSecret;
    const secret = await derive(left?.id, await publicKey(right?.id));
    expect(secret).toEqual(await derive(right?.id, await publicKey(left?.id)));
    await expect(derive(left?.id, bytes("none"))).rejects.toMatchObject(named("ValidationException"));
  });

  it("are used for what they are made for only", async () => {
    const usage = named("InvalidKeyUsageException");
    const { id: sign } = await key({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" });
    await expect(encrypt(sign, "x")).rejects.toMatchObject(usage);
    const { id } = await key();
    const command = { KeyId: id, Message: bytes("m"), SigningAlgorithm: "ECDSA_SHA_256" } as const;
    await expect(kms().send(new sdk.SignCommand(command))).rejects.toMatchObject(usage);
    const publicKey = kms().send(new sdk.GetPublicKeyCommand({ KeyId: id }));
    await expect(publicKey).rejects.toMatchObject(named("UnsupportedOperationException"));
    await expect(key({ KeySpec: "HMAC_256" })).rejects.toThrow("KeyUsage");
    await expect(key({ KeySpec: "SM2", KeyUsage: "SIGN_VERIFY" })).rejects.toMatchObject(
      named("UnsupportedOperationException"),
    );
    await expect(key({ Origin: "EXTERNAL" })).rejects.toMatchObject(named("UnsupportedOperationException"));
  });
});

describe("a key", () => {
  it("is found by its id, its ARN, and by aliases and theirs", async () => {
    const { id, arn } = await key({ Description: "found", Tags: [{ TagKey: "team", TagValue: "red" }] });
    const AliasName = "alias/found/here";
    await kms().send(new sdk.CreateAliasCommand({ AliasName, TargetKeyId: id }));
    for (const KeyId of [id, arn, AliasName, arn.replace(/key\/.*/, AliasName)]) {
      const { KeyMetadata } = await kms().send(new sdk.DescribeKeyCommand({ KeyId }));
      expect(KeyMetadata).toMatchObject({
        Arn: arn,
        KeyId: id,
        Description: "found",
        KeyState: "Enabled",
        KeySpec: "SYMMETRIC_DEFAULT",
        KeyManager: "CUSTOMER",
      });
      expect(KeyMetadata?.CreationDate).toBeInstanceOf(Date);
    }
    const absent = named("NotFoundException");
    for (const KeyId of ["nothing", "alias/none", `${arn}0`, arn.replace("us-east-1", "eu-west-1")]) {
      await expect(kms().send(new sdk.DescribeKeyCommand({ KeyId }))).rejects.toMatchObject(absent);
    }
    // What changes a key names the key.
    await expect(kms().send(new sdk.DisableKeyCommand({ KeyId: AliasName }))).rejects.toMatchObject(absent);
    const { Tags } = await kms().send(new sdk.ListResourceTagsCommand({ KeyId: id }));
    expect(Tags).toEqual([{ TagKey: "team", TagValue: "red" }]);
  });

  it("has aliases that move and go", async () => {
    const [one, two] = [await key(), await key()];
    const AliasName = "alias/moving";
    const target = async () =>
      (await kms().send(new sdk.DescribeKeyCommand({ KeyId: AliasName }))).KeyMetadata?.KeyId;
    await kms().send(new sdk.CreateAliasCommand({ AliasName, TargetKeyId: one.id }));
    const again = kms().send(new sdk.CreateAliasCommand({ AliasName, TargetKeyId: two.id }));
    await expect(again).rejects.toMatchObject(named("AlreadyExistsException"));
    expect(await target()).toBe(one.id);
    await kms().send(new sdk.UpdateAliasCommand({ AliasName, TargetKeyId: two.id }));
    expect(await target()).toBe(two.id);
    const { Aliases } = await kms().send(new sdk.ListAliasesCommand({ KeyId: two.id }));
    expect(Aliases).toMatchObject([{ AliasName, TargetKeyId: two.id }]);
    const signer = await key({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" });
    const unlike = kms().send(new sdk.UpdateAliasCommand({ AliasName, TargetKeyId: signer.id }));
    await expect(unlike).rejects.toMatchObject(named("ValidationException"));
    await kms().send(new sdk.DeleteAliasCommand({ AliasName }));
    await expect(target()).rejects.toMatchObject(named("NotFoundException"));
    const create = (name: string) =>
      kms().send(new sdk.CreateAliasCommand({ AliasName: name, TargetKeyId: one.id }));
    await expect(create("moving")).rejects.toMatchObject(named("InvalidAliasNameException"));
    await expect(create("alias/aws/mine")).rejects.toThrow("reserved");
  });

  it("is of no use while it is disabled or on its way out", async () => {
    const { id, arn } = await key();
    const sealed = await encrypt(id, "kept");
    await kms().send(new sdk.DisableKeyCommand({ KeyId: id }));
    await expect(decrypt(sealed)).rejects.toMatchObject(named("DisabledException"));
    await kms().send(new sdk.EnableKeyCommand({ KeyId: id }));
    expect(await decrypt(sealed)).toBe("kept");
    const going = await kms().send(new sdk.ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: 7 }));
    expect(going).toMatchObject({ KeyId: arn, KeyState: "PendingDeletion", PendingWindowInDays: 7 });
    const pending = named("KMSInvalidStateException");
    await expect(decrypt(sealed)).rejects.toMatchObject(pending);
    await expect(kms().send(new sdk.EnableKeyCommand({ KeyId: id }))).rejects.toMatchObject(pending);
    await kms().send(new sdk.CancelKeyDeletionCommand({ KeyId: id }));
    await expect(decrypt(sealed)).rejects.toMatchObject(named("DisabledException"));
    await kms().send(new sdk.EnableKeyCommand({ KeyId: id }));
    expect(await decrypt(sealed)).toBe("kept");
  });

  it("is listed in pages", async () => {
    const made = [await key(), await key(), await key()];
    const found: string[] = [];
    let Marker: string | undefined;
    do {
      const answer: sdk.ListKeysCommandOutput = await kms().send(
        new sdk.ListKeysCommand({ Limit: 2, Marker }),
      );
      found.push(...(answer.Keys ?? []).map(({ KeyId = "" }) => KeyId));
      Marker = answer.NextMarker;
    } while (Marker);
    expect(found).toEqual(expect.arrayContaining(made.map(({ id }) => id)));
    expect(new Set(found).size).toBe(found.length);
  });
});

describe("what is due", () => {
  /** Changes what is kept of a key while the cloud is down. */
  async function whileStopped(own: TestCloud, id: string, change: (key: Record<string, unknown>) => object) {
    await own.cloud.stop();
    const database = new DatabaseSync(join(own.dir, "kms.db"));
    const row = database.prepare("SELECT body FROM key WHERE id = ?").get(id);
    const body = JSON.stringify(change(JSON.parse(String(row?.body))));
    database.prepare("UPDATE key SET body = ? WHERE id = ?").run(body, id);
    database.close();
    await own.restart();
  }

  it("is done: a key is rotated when its time has come, and old ciphertexts stay readable", async () => {
    await using own = await startTestCloud();
    const client = () => own.client(sdk.KMSClient);
    const { KeyMetadata } = await client().send(new sdk.CreateKeyCommand({}));
    const KeyId = KeyMetadata?.KeyId ?? "";
    await client().send(new sdk.EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 100 }));
    const seal = () => client().send(new sdk.EncryptCommand({ KeyId, Plaintext: bytes("kept") }));
    const old = await seal();
    await whileStopped(own, KeyId, (key) => ({ ...key, rotation: { periodInDays: 100, next: 1 } }));
    await seal();
    const { Rotations } = await client().send(new sdk.ListKeyRotationsCommand({ KeyId }));
    expect(Rotations).toMatchObject([{ RotationType: "AUTOMATIC" }]);
    const status = await client().send(new sdk.GetKeyRotationStatusCommand({ KeyId }));
    expect(Number(status.NextRotationDate) - Date.now()).toBeGreaterThan(99 * 86_400_000);
    const opened = await client().send(new sdk.DecryptCommand({ CiphertextBlob: old.CiphertextBlob }));
    expect(text(opened.Plaintext)).toBe("kept");
  });

  it("is done: a key goes, with its aliases, when its window has passed", async () => {
    await using own = await startTestCloud();
    const client = () => own.client(sdk.KMSClient);
    const { KeyMetadata } = await client().send(new sdk.CreateKeyCommand({}));
    const KeyId = KeyMetadata?.KeyId ?? "";
    const AliasName = "alias/going";
    await client().send(new sdk.CreateAliasCommand({ AliasName, TargetKeyId: KeyId }));
    await client().send(new sdk.ScheduleKeyDeletionCommand({ KeyId }));
    await whileStopped(own, KeyId, (key) => ({ ...key, deletion: 1 }));
    for (const id of [KeyId, AliasName]) {
      const found = client().send(new sdk.DescribeKeyCommand({ KeyId: id }));
      await expect(found).rejects.toMatchObject(named("NotFoundException"));
    }
    expect((await client().send(new sdk.ListKeysCommand({}))).Keys).toEqual([]);
    expect((await client().send(new sdk.ListAliasesCommand({}))).Aliases).toEqual([]);
  });
});

describe("everything", () => {
  it("is there after a restart, with no key's material or plaintext on the disk", async () => {
    await using own = await startTestCloud();
    const client = () => own.client(sdk.KMSClient);
    const { KeyMetadata } = await client().send(
      new sdk.CreateKeyCommand({ KeySpec: "RSA_2048", KeyUsage: "ENCRYPT_DECRYPT" }),
    );
    const symmetric = await client().send(new sdk.CreateKeyCommand({}));
    const TargetKeyId = symmetric.KeyMetadata?.KeyId;
    const AliasName = "alias/kept";
    await client().send(new sdk.CreateAliasCommand({ AliasName, TargetKeyId }));
    const { CiphertextBlob } = await client().send(
      new sdk.EncryptCommand({ KeyId: AliasName, Plaintext: bytes("canary-7c1e") }),
    );
    await own.restart();
    const { Plaintext } = await client().send(new sdk.DecryptCommand({ CiphertextBlob }));
    expect(text(Plaintext)).toBe("canary-7c1e");
    const { PublicKey } = await client().send(new sdk.GetPublicKeyCommand({ KeyId: KeyMetadata?.KeyId }));
    expect(PublicKey?.length).toBeGreaterThan(200);
    expect(statSync(join(own.dir, "kms", "key")).mode & 0o777).toBe(0o600);
    for (const file of readdirSync(own.dir).filter((name) => name.startsWith("kms.db"))) {
      const content = readFileSync(join(own.dir, file));
      expect(content.includes("canary-7c1e")).toBe(false);
    }
  });
});
