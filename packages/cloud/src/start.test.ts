import { spawn } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import {
  CreateRoleCommand,
  GetRoleCommand,
  IAMClient,
  ListRolesCommand,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import {
  AssumeRoleCommand,
  GetCallerIdentityCommand,
  GetSessionTokenCommand,
  STSClient,
} from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { startCloud } from "./start.ts";
import { startTestCloud } from "./testing.ts";

const account = "000000000000";

describe("the local cloud", () => {
  it("tells root and sessions who they are", async () => {
    await using test = await startTestCloud();
    const root = await test.client(STSClient).send(new GetCallerIdentityCommand({}));
    expect(root).toMatchObject({ Account: account, Arn: `arn:aws:iam::${account}:root` });
    const session = await test.roleWith([], "Nobody");
    const who = await test.client(STSClient, session).send(new GetCallerIdentityCommand({}));
    expect(who.Arn).toBe(`arn:aws:sts::${account}:assumed-role/Nobody/test`);
    expect(who.UserId).toMatch(/^AROA[A-Z2-7]{17}:test$/);
  });

  it("refuses a wrong secret, an unknown key and a forged token", async () => {
    await using test = await startTestCloud();
    const session = await test.roleWith([{ Effect: "Allow", Action: "*", Resource: "*" }]);
    const ask = (credentials: object) =>
      test
        .client(STSClient, { ...test.cloud.credentials, ...credentials })
        .send(new GetCallerIdentityCommand({}));
    await expect(ask({ secretAccessKey: "wrong" })).rejects.toMatchObject({ name: "SignatureDoesNotMatch" });
    await expect(ask({ accessKeyId: "AKIANOBODY" })).rejects.toMatchObject({ name: "InvalidClientTokenId" });
    await expect(ask({ ...session, sessionToken: undefined })).rejects.toMatchObject({
      name: "InvalidClientTokenId",
    });
    const [body = "", mac] = session.sessionToken?.split(".") ?? [];
    const claims = JSON.parse(Buffer.from(body, "base64url").toString());
    const forged = Buffer.from(JSON.stringify({ ...claims, role: undefined })).toString("base64url");
    await expect(ask({ ...session, sessionToken: `${forged}.${mac}` })).rejects.toMatchObject({
      name: "InvalidClientTokenId",
    });
  });

  it("refuses a request signed at another time", async () => {
    await using test = await startTestCloud();
    const { endpoint, region, credentials } = test.cloud;
    const late = new STSClient({
      endpoint,
      region,
      credentials,
      systemClockOffset: -16 * 60_000,
      maxAttempts: 1,
    });
    await expect(late.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
      name: "SignatureDoesNotMatch",
    });
  });

  it("denies what no statement allows, in words that name who, what and on what", async () => {
    await using test = await startTestCloud();
    const session = await test.roleWith(
      [{ Effect: "Allow", Action: "iam:GetRole", Resource: "*" }],
      "Reader",
    );
    const iam = test.client(IAMClient, session);
    expect((await iam.send(new GetRoleCommand({ RoleName: "Reader" }))).Role?.RoleName).toBe("Reader");
    await expect(iam.send(new ListRolesCommand({}))).rejects.toMatchObject({
      name: "AccessDenied",
      message: `User: arn:aws:sts::${account}:assumed-role/Reader/test is not authorized to perform: iam:ListRoles on resource: * because no identity-based policy allows the iam:ListRoles action`,
    });
    expect(test.cloud.audit({ decision: "deny" })).toMatchObject([
      {
        action: "iam:ListRoles",
        resource: "*",
        principal: `arn:aws:sts::${account}:assumed-role/Reader/test`,
      },
    ]);
    expect(test.cloud.audit({ decision: "allow", limit: 1 })[0]?.reason).toContain(
      "allowed by statement 1 of inline policy Main of role Reader",
    );
  });

  it("lets a role be assumed only as its trust policy says, limited by session policies", async () => {
    await using test = await startTestCloud();
    const caller = await test.roleWith(
      [{ Effect: "Allow", Action: "sts:AssumeRole", Resource: "*" }],
      "Caller",
    );
    const iam = test.client(IAMClient);
    const trust = (principal: string, condition = {}) =>
      JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Principal: { AWS: principal }, Action: "sts:AssumeRole", ...condition },
        ],
      });
    const condition = { Condition: { StringEquals: { "sts:ExternalId": "42" } } };
    await iam.send(
      new CreateRoleCommand({ RoleName: "Open", AssumeRolePolicyDocument: trust(caller.roleArn, condition) }),
    );
    await iam.send(
      new CreateRoleCommand({
        RoleName: "Closed",
        AssumeRolePolicyDocument: trust(`arn:aws:iam::${account}:role/X`),
      }),
    );
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: "Open",
        PolicyName: "All",
        PolicyDocument:
          '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
      }),
    );
    const sts = test.client(STSClient, caller);
    const RoleArn = `arn:aws:iam::${account}:role/Open`;
    const Policy =
      '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:GetRole","Resource":"*"}}';
    const assume = (input: object) =>
      sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "me", ExternalId: "42", ...input }));
    await expect(assume({ RoleArn: `arn:aws:iam::${account}:role/Closed` })).rejects.toThrow(
      "not authorized",
    );
    await expect(assume({ RoleArn: `arn:aws:iam::${account}:role/Missing` })).rejects.toThrow(
      "not authorized",
    );
    await expect(assume({ ExternalId: "41" })).rejects.toThrow("not authorized");
    const { Credentials } = await assume({ Policy });
    const limited = test.client(IAMClient, {
      accessKeyId: Credentials?.AccessKeyId ?? "",
      secretAccessKey: Credentials?.SecretAccessKey ?? "",
      sessionToken: Credentials?.SessionToken,
    });
    expect((await limited.send(new GetRoleCommand({ RoleName: "Open" }))).Role?.Arn).toBe(RoleArn);
    await expect(limited.send(new ListRolesCommand({}))).rejects.toThrow("because no session policy allows");
  });

  it("keeps roles and running sessions over a restart", async () => {
    await using test = await startTestCloud();
    const session = await test.roleWith([{ Effect: "Allow", Action: "iam:GetRole", Resource: "*" }], "Kept");
    const rootSession = await test.client(STSClient).send(new GetSessionTokenCommand({}));
    await test.restart();
    const role = await test.client(IAMClient, session).send(new GetRoleCommand({ RoleName: "Kept" }));
    expect(role.Role?.Arn).toBe(session.roleArn);
    const again = test.client(STSClient, {
      accessKeyId: rootSession.Credentials?.AccessKeyId ?? "",
      secretAccessKey: rootSession.Credentials?.SecretAccessKey ?? "",
      sessionToken: rootSession.Credentials?.SessionToken,
    });
    expect((await again.send(new GetCallerIdentityCommand({}))).Arn).toBe(`arn:aws:iam::${account}:root`);
    expect(statSync(join(test.dir, "credentials.json")).mode & 0o777).toBe(0o600);
  });

  it("answers what it does not have with NotImplemented", async () => {
    await using test = await startTestCloud();
    const { ListUsersCommand } = await import("@aws-sdk/client-iam");
    const call = test.client(IAMClient).send(new ListUsersCommand({}));
    await expect(call).rejects.toMatchObject({
      name: "NotImplemented",
      message: expect.stringContaining("ListUsers"),
    });
  });
});

describe("starting", () => {
  it("names the holder of a folder in use, and the port", async () => {
    await using test = await startTestCloud();
    await expect(startCloud({ dir: test.dir })).rejects.toMatchObject({
      code: "folder-in-use",
      message: expect.stringContaining(`process ${process.pid} (on port ${test.cloud.port})`),
    });
  });

  it("says that a port is in use, and leaves the folder free", async () => {
    await using one = await startTestCloud();
    await using two = await startTestCloud();
    await two.cloud.stop();
    const taken = startCloud({ dir: two.dir, port: one.cloud.port });
    await expect(taken).rejects.toMatchObject({ code: "port-in-use" });
    await two.restart();
  });

  it("frees the folder of a killed process, and warns of nothing", async () => {
    await using test = await startTestCloud();
    await test.cloud.stop();
    const script = `
      import { startCloud } from ${JSON.stringify(join(import.meta.dirname, "start.ts"))};
      const cloud = await startCloud({ dir: ${JSON.stringify(test.dir)} });
      console.log("up");
      setInterval(() => {}, 1000);
    `;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script]);
    let errors = "";
    child.stderr.on("data", (data) => {
      errors += data;
    });
    await new Promise((resolve, reject) => {
      child.stdout.once("data", resolve);
      child.once("exit", () => reject(new Error(errors)));
    });
    await expect(startCloud({ dir: test.dir })).rejects.toThrow(`process ${child.pid}`);
    const exited = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await exited;
    expect(errors).toBe("");
    await test.restart();
  });
});
