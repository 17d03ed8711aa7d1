/** A local cloud for one test: in a folder of its own, gone with the test. */
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import type { Cloud } from "./cloud.ts";
import type { PolicyStatement } from "./iam/policy.ts";
import type { Credentials } from "./service.ts";
import { startCloud } from "./start.ts";

interface ClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Credentials;
}

/** The services that are given roles. */
const trusted = ["lambda", "events", "scheduler", "apigateway"].map((name) => `${name}.amazonaws.com`);

export interface TestCloud extends AsyncDisposable {
  readonly cloud: Cloud;
  readonly dir: string;
  /** A client of any AWS SDK class, as root unless credentials are given. */
  client<T>(clientClass: new (config: ClientConfig) => T, credentials?: Credentials): T;
  /** Makes a role with these statements inline; gives credentials of a session of it. */
  roleWith(
    statements: readonly PolicyStatement[],
    name?: string,
  ): Promise<Credentials & { readonly roleArn: string }>;
  /** Stops the cloud and starts it again on the same folder. */
  restart(): Promise<void>;
}

/**
 * @example
 * await using test = await startTestCloud();
 * const s3 = test.client(S3Client);
 * const reader = test.client(S3Client, await test.roleWith([{ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }]));
 */
export async function startTestCloud(
  options: Partial<Parameters<typeof startCloud>[0]> = {},
): Promise<TestCloud> {
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), "bowline-cloud-")));
  let cloud = await startCloud({ ...options, dir });

  function client<T>(clientClass: new (config: ClientConfig) => T, credentials = cloud.credentials): T {
    return new clientClass({ endpoint: cloud.endpoint, region: cloud.region, credentials });
  }

  return {
    get cloud() {
      return cloud;
    },
    dir,
    client,
    async roleWith(statements, name = `role-${randomUUID().slice(0, 8)}`) {
      const iam = client(IAMClient);
      const trust = {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { Service: trusted }, Action: "sts:AssumeRole" }],
      };
      const { Role } = await iam.send(
        new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: JSON.stringify(trust) }),
      );
      if (statements.length > 0) {
        await iam.send(
          new PutRolePolicyCommand({
            RoleName: name,
            PolicyName: "Main",
            PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: statements }),
          }),
        );
      }
      const roleArn = Role?.Arn ?? "";
      return { ...cloud.assumeRole(roleArn, "test"), roleArn };
    },
    async restart() {
      const { port } = cloud;
      await cloud.stop();
      cloud = await startCloud({ ...options, dir, port });
    },
    async [Symbol.asyncDispose]() {
      await cloud.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
