/** Sample calls of KMS's operations. */
import { createHash } from "node:crypto";
import * as sdk from "@aws-sdk/client-kms";
import { sampleCalls } from "../samples.ts";
import type { TestCloud } from "../testing.ts";

interface Fixture {
  readonly test: TestCloud;
  readonly unique: string;
  readonly id: string;
  readonly arn: string;
  readonly aliasArn: string;
}

const account = "000000000000";
const aliasArnOf = (name: string) => `arn:aws:kms:us-east-1:${account}:alias/${name}`;
const statement = (action: string, Resource: string) => ({
  Effect: "Allow" as const,
  Action: `kms:${action}`,
  Resource,
});
const on = (action: string) => ({ allow: ({ arn }: Fixture) => [statement(action, arn)] });
const anywhere = (action: string) => ({ allow: () => [statement(action, "*")] });
const Plaintext = Buffer.from("plain");
const Message = Buffer.from("message");

const root = ({ test }: Fixture) => test.client(sdk.KMSClient);

/** A key of another kind; its policy leaves it to the account, like that of the usual one. */
async function otherKey(fixture: Fixture, input: sdk.CreateKeyCommandInput): Promise<string> {
  const { KeyMetadata } = await root(fixture).send(new sdk.CreateKeyCommand(input));
  return KeyMetadata?.KeyId ?? "";
}

const specs = {
  sign: { KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" },
  mac: { KeySpec: "HMAC_256", KeyUsage: "GENERATE_VERIFY_MAC" },
  agree: { KeySpec: "ECC_NIST_P256", KeyUsage: "KEY_AGREEMENT" },
} as const;
const SigningAlgorithm = "ECDSA_SHA_256";
const MacAlgorithm = "HMAC_SHA_256";

const encrypted = async (fixture: Fixture) =>
  (await root(fixture).send(new sdk.EncryptCommand({ KeyId: fixture.id, Plaintext }))).CiphertextBlob;

const granted = (fixture: Fixture) =>
  root(fixture).send(
    new sdk.CreateGrantCommand({
      KeyId: fixture.id,
      GranteePrincipal: `arn:aws:iam::${account}:role/Grantee`,
      Operations: ["Encrypt"],
    }),
  );

/** These are made for the key of the fixture, so that its ARN is known to `allow`. */
const symmetric = sampleCalls<sdk.KMSClient, Fixture>({
  service: "kms",
  client: (test, credentials) => test.client(sdk.KMSClient, credentials),
  async prepare(test, unique) {
    const { KeyMetadata } = await test.client(sdk.KMSClient).send(new sdk.CreateKeyCommand({}));
    const { KeyId: id = "", Arn: arn = "" } = KeyMetadata ?? {};
    const AliasName = `alias/${unique}`;
    await test.client(sdk.KMSClient).send(new sdk.CreateAliasCommand({ AliasName, TargetKeyId: id }));
    return { test, unique, id, arn, aliasArn: aliasArnOf(unique) };
  },
  calls: {
    CreateKey: {
      call: (kms) => kms.send(new sdk.CreateKeyCommand({ Tags: [{ TagKey: "team", TagValue: "red" }] })),
      allow: () => [statement("CreateKey", "*"), statement("TagResource", "*")],
    },
    DescribeKey: {
      call: (kms, { unique }) => kms.send(new sdk.DescribeKeyCommand({ KeyId: `alias/${unique}` })),
      ...on("DescribeKey"),
    },
    ListKeys: { call: (kms) => kms.send(new sdk.ListKeysCommand({})), ...anywhere("ListKeys") },
    UpdateKeyDescription: {
      call: (kms, { id }) => kms.send(new sdk.UpdateKeyDescriptionCommand({ KeyId: id, Description: "new" })),
      ...on("UpdateKeyDescription"),
    },
    EnableKey: {
      call: (kms, { id }) => kms.send(new sdk.EnableKeyCommand({ KeyId: id })),
      ...on("EnableKey"),
    },
    DisableKey: {
      call: (kms, { id }) => kms.send(new sdk.DisableKeyCommand({ KeyId: id })),
      ...on("DisableKey"),
    },
    ScheduleKeyDeletion: {
      call: (kms, { id }) => kms.send(new sdk.ScheduleKeyDeletionCommand({ KeyId: id })),
      ...on("ScheduleKeyDeletion"),
    },
    CancelKeyDeletion: {
      async call(kms, fixture) {
        await root(fixture).send(new sdk.ScheduleKeyDeletionCommand({ KeyId: fixture.id }));
        await kms.send(new sdk.CancelKeyDeletionCommand({ KeyId: fixture.id })).finally(() =>
          root(fixture)
            .send(new sdk.CancelKeyDeletionCommand({ KeyId: fixture.id }))
            .catch(() => {}),
        );
      },
      ...on("CancelKeyDeletion"),
    },
    TagResource: {
      call: (kms, { id }) =>
        kms.send(new sdk.TagResourceCommand({ KeyId: id, Tags: [{ TagKey: "a", TagValue: "b" }] })),
      ...on("TagResource"),
    },
    UntagResource: {
      call: (kms, { id }) => kms.send(new sdk.UntagResourceCommand({ KeyId: id, TagKeys: ["a"] })),
      ...on("UntagResource"),
    },
    ListResourceTags: {
      call: (kms, { id }) => kms.send(new sdk.ListResourceTagsCommand({ KeyId: id })),
      ...on("ListResourceTags"),
    },
    CreateAlias: {
      call: (kms, { unique, id }) =>
        kms.send(new sdk.CreateAliasCommand({ AliasName: `alias/${unique}/new`, TargetKeyId: id })),
      allow: ({ unique, arn }) => [
        statement("CreateAlias", aliasArnOf(`${unique}/new`)),
        statement("CreateAlias", arn),
      ],
    },
    UpdateAlias: {
      call: (kms, { unique, id }) =>
        kms.send(new sdk.UpdateAliasCommand({ AliasName: `alias/${unique}`, TargetKeyId: id })),
      allow: ({ aliasArn, arn }) => [statement("UpdateAlias", aliasArn), statement("UpdateAlias", arn)],
    },
    DeleteAlias: {
      call: (kms, { unique }) => kms.send(new sdk.DeleteAliasCommand({ AliasName: `alias/${unique}` })),
      allow: ({ aliasArn, arn }) => [statement("DeleteAlias", aliasArn), statement("DeleteAlias", arn)],
    },
    ListAliases: { call: (kms) => kms.send(new sdk.ListAliasesCommand({})), ...anywhere("ListAliases") },
    Encrypt: {
      call: (kms, { unique }) => kms.send(new sdk.EncryptCommand({ KeyId: `alias/${unique}`, Plaintext })),
      ...on("Encrypt"),
    },
    Decrypt: {
      call: async (kms, fixture) =>
        kms.send(new sdk.DecryptCommand({ CiphertextBlob: await encrypted(fixture) })),
      ...on("Decrypt"),
    },
    ReEncrypt: {
      call: async (kms, fixture) =>
        kms.send(
          new sdk.ReEncryptCommand({
            CiphertextBlob: await encrypted(fixture),
            DestinationKeyId: fixture.id,
          }),
        ),
      allow: ({ arn }) => [statement("ReEncryptFrom", arn), statement("ReEncryptTo", arn)],
    },
    GenerateDataKey: {
      call: (kms, { id }) => kms.send(new sdk.GenerateDataKeyCommand({ KeyId: id, KeySpec: "AES_256" })),
      ...on("GenerateDataKey"),
    },
    GenerateDataKeyWithoutPlaintext: {
      call: (kms, { id }) =>
        kms.send(new sdk.GenerateDataKeyWithoutPlaintextCommand({ KeyId: id, KeySpec: "AES_256" })),
      ...on("GenerateDataKeyWithoutPlaintext"),
    },
    GenerateDataKeyPair: {
      call: (kms, { id }) =>
        kms.send(new sdk.GenerateDataKeyPairCommand({ KeyId: id, KeyPairSpec: "ECC_NIST_P256" })),
      ...on("GenerateDataKeyPair"),
    },
    GenerateDataKeyPairWithoutPlaintext: {
      call: (kms, { id }) =>
        kms.send(
          new sdk.GenerateDataKeyPairWithoutPlaintextCommand({ KeyId: id, KeyPairSpec: "ECC_NIST_P256" }),
        ),
      ...on("GenerateDataKeyPairWithoutPlaintext"),
    },
    GenerateRandom: {
      call: (kms) => kms.send(new sdk.GenerateRandomCommand({ NumberOfBytes: 16 })),
      ...anywhere("GenerateRandom"),
    },
    GetKeyPolicy: {
      call: (kms, { id }) => kms.send(new sdk.GetKeyPolicyCommand({ KeyId: id })),
      ...on("GetKeyPolicy"),
    },
    PutKeyPolicy: {
      async call(kms, fixture) {
        const { Policy } = await root(fixture).send(new sdk.GetKeyPolicyCommand({ KeyId: fixture.id }));
        return kms.send(new sdk.PutKeyPolicyCommand({ KeyId: fixture.id, Policy }));
      },
      ...on("PutKeyPolicy"),
    },
    ListKeyPolicies: {
      call: (kms, { id }) => kms.send(new sdk.ListKeyPoliciesCommand({ KeyId: id })),
      ...on("ListKeyPolicies"),
    },
    CreateGrant: {
      call: (kms, { id }) =>
        kms.send(
          new sdk.CreateGrantCommand({
            KeyId: id,
            GranteePrincipal: `arn:aws:iam::${account}:role/Other`,
            Operations: ["Decrypt"],
          }),
        ),
      ...on("CreateGrant"),
    },
    ListGrants: {
      call: (kms, { id }) => kms.send(new sdk.ListGrantsCommand({ KeyId: id })),
      ...on("ListGrants"),
    },
    ListRetirableGrants: {
      call: (kms) =>
        kms.send(
          new sdk.ListRetirableGrantsCommand({ RetiringPrincipal: `arn:aws:iam::${account}:role/Other` }),
        ),
      ...anywhere("ListRetirableGrants"),
    },
    RetireGrant: {
      call: async (kms, fixture) =>
        kms.send(
          new sdk.RetireGrantCommand({ KeyId: fixture.arn, GrantId: (await granted(fixture)).GrantId }),
        ),
      ...on("RetireGrant"),
    },
    RevokeGrant: {
      call: async (kms, fixture) =>
        kms.send(
          new sdk.RevokeGrantCommand({ KeyId: fixture.id, GrantId: (await granted(fixture)).GrantId }),
        ),
      ...on("RevokeGrant"),
    },
    EnableKeyRotation: {
      call: (kms, { id }) => kms.send(new sdk.EnableKeyRotationCommand({ KeyId: id })),
      ...on("EnableKeyRotation"),
    },
    DisableKeyRotation: {
      call: (kms, { id }) => kms.send(new sdk.DisableKeyRotationCommand({ KeyId: id })),
      ...on("DisableKeyRotation"),
    },
    GetKeyRotationStatus: {
      call: (kms, { id }) => kms.send(new sdk.GetKeyRotationStatusCommand({ KeyId: id })),
      ...on("GetKeyRotationStatus"),
    },
    RotateKeyOnDemand: {
      call: (kms, { id }) => kms.send(new sdk.RotateKeyOnDemandCommand({ KeyId: id })),
      ...on("RotateKeyOnDemand"),
    },
    ListKeyRotations: {
      call: (kms, { id }) => kms.send(new sdk.ListKeyRotationsCommand({ KeyId: id })),
      ...on("ListKeyRotations"),
    },
  },
});

interface KindsFixture {
  readonly root: sdk.KMSClient;
  readonly sign: string;
  readonly mac: string;
  readonly agree: string;
}

const arnOf = (id: string) => `arn:aws:kms:us-east-1:${account}:key/${id}`;

/** Operations of keys that sign, authenticate and agree. */
const others = sampleCalls<sdk.KMSClient, KindsFixture>({
  service: "kms",
  client: (test, credentials) => test.client(sdk.KMSClient, credentials),
  async prepare(test, unique) {
    const fixture = { test, unique, id: "", arn: "", aliasArn: "" };
    const [sign = "", mac = "", agree = ""] = await Promise.all(
      [specs.sign, specs.mac, specs.agree].map((spec) => otherKey(fixture, spec)),
    );
    return { root: root(fixture), sign, mac, agree };
  },
  calls: {
    Sign: {
      call: (kms, { sign: KeyId }) => kms.send(new sdk.SignCommand({ KeyId, Message, SigningAlgorithm })),
      allow: ({ sign }) => [statement("Sign", arnOf(sign))],
    },
    Verify: {
      async call(kms, { root: owner, sign: KeyId }) {
        const digest = createHash("sha256").update(Message).digest();
        const { Signature } = await owner.send(
          new sdk.SignCommand({ KeyId, Message: digest, MessageType: "DIGEST", SigningAlgorithm }),
        );
        return kms.send(new sdk.VerifyCommand({ KeyId, Message, SigningAlgorithm, Signature }));
      },
      allow: ({ sign }) => [statement("Verify", arnOf(sign))],
    },
    GetPublicKey: {
      call: (kms, { sign: KeyId }) => kms.send(new sdk.GetPublicKeyCommand({ KeyId })),
      allow: ({ sign }) => [statement("GetPublicKey", arnOf(sign))],
    },
    GenerateMac: {
      call: (kms, { mac: KeyId }) => kms.send(new sdk.GenerateMacCommand({ KeyId, Message, MacAlgorithm })),
      allow: ({ mac }) => [statement("GenerateMac", arnOf(mac))],
    },
    VerifyMac: {
      async call(kms, { root: owner, mac: KeyId }) {
        const { Mac } = await owner.send(new sdk.GenerateMacCommand({ KeyId, Message, MacAlgorithm }));
        return kms.send(new sdk.VerifyMacCommand({ KeyId, Message, MacAlgorithm, Mac }));
      },
      allow: ({ mac }) => [statement("VerifyMac", arnOf(mac))],
    },
    DeriveSharedSecret: {
      async call(kms, { root: owner, agree: KeyId }) {
        const { PublicKey } = await owner.send(new sdk.GetPublicKeyCommand({ KeyId }));
        return kms.send(
          new sdk.DeriveSharedSecretCommand({ KeyId, PublicKey, KeyAgreementAlgorithm: "ECDH" }),
        );
      },
      allow: ({ agree }) => [statement("DeriveSharedSecret", arnOf(agree))],
    },
  },
});

export const samples = [symmetric, others];
