import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as kms from "@aws-sdk/client-kms";
import * as sdk from "@aws-sdk/client-secrets-manager";
import { expect, test } from "vitest";
import type { Credentials } from "../service.ts";

interface Config {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Credentials;
}

/** A cloud in a process of its own, which can be killed. */
async function startProcess(dir: string) {
  const script = `
    import { startCloud } from ${JSON.stringify(join(import.meta.dirname, "../start.ts"))};
    const { endpoint, region, credentials } = await startCloud({ dir: ${JSON.stringify(dir)} });
    console.log(JSON.stringify({ endpoint, region, credentials }));
  `;
  const child = spawn(process.execPath, ["--conditions=source", "--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const config = await new Promise<Config>((resolve, reject) => {
    child.stdout.once("data", (data) => resolve(JSON.parse(String(data))));
    child.once("exit", (code) => reject(new Error(`The cloud's process ended with ${code}.`)));
  });
  return {
    config: { ...config, maxAttempts: 1 },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

test("secrets, keys and what they encrypted are there after kill -9", { timeout: 60_000 }, async () => {
  const dir = await mkdtemp(join(tmpdir(), "bowline-secrets-"));
  const acknowledged = new Map<string, string>();
  const sealed: (Uint8Array | undefined)[] = [];
  try {
    for (let round = 0; round < 2; round++) {
      await using cloud = await startProcess(dir);
      const secrets = new sdk.SecretsManagerClient(cloud.config);
      const keys = new kms.KMSClient(cloud.config);
      for (const [SecretId, value] of acknowledged) {
        const { SecretString } = await secrets.send(new sdk.GetSecretValueCommand({ SecretId }));
        expect(SecretString).toBe(value);
      }
      for (const CiphertextBlob of sealed) {
        const { Plaintext } = await keys.send(new kms.DecryptCommand({ CiphertextBlob }));
        expect(Buffer.from(Plaintext ?? []).toString()).toBe("sealed");
      }
      const { KeyMetadata } = await keys.send(new kms.CreateKeyCommand({}));
      const AliasName = `alias/round-${round}`;
      await keys.send(new kms.CreateAliasCommand({ AliasName, TargetKeyId: KeyMetadata?.KeyId }));
      const Plaintext = Buffer.from("sealed");
      sealed.push((await keys.send(new kms.EncryptCommand({ KeyId: AliasName, Plaintext }))).CiphertextBlob);
      await Promise.all(
        Array.from({ length: 8 }, async (_, index) => {
          const Name = `secret-${index}`;
          const SecretString = `value ${index} of round ${round}`;
          const KmsKeyId = index % 2 === 0 ? AliasName : undefined;
          if (round === 0) await secrets.send(new sdk.CreateSecretCommand({ Name, SecretString, KmsKeyId }));
          else await secrets.send(new sdk.PutSecretValueCommand({ SecretId: Name, SecretString }));
          acknowledged.set(Name, SecretString);
        }),
      );
    }
    expect(acknowledged.size).toBe(8);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
