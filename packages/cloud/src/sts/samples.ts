/** Sample calls of STS's operations. */
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import {
  AssumeRoleCommand,
  GetCallerIdentityCommand,
  GetSessionTokenCommand,
  STSClient,
} from "@aws-sdk/client-sts";
import { sampleCalls } from "../samples.ts";

export const samples = sampleCalls<STSClient, { readonly roleArn: string; readonly root: STSClient }>({
  service: "sts",
  client: (test, credentials) => test.client(STSClient, credentials),
  async prepare(test, unique) {
    // The account as principal: who may assume the role is left to the callers' own policies.
    const trust = {
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Principal: { AWS: "arn:aws:iam::000000000000:root" }, Action: "sts:AssumeRole" },
      ],
    };
    const { Role } = await test.client(IAMClient).send(
      new CreateRoleCommand({
        RoleName: `target-${unique}`,
        AssumeRolePolicyDocument: JSON.stringify(trust),
      }),
    );
    return { roleArn: Role?.Arn ?? "", root: test.client(STSClient) };
  },
  calls: {
    AssumeRole: {
      call: (sts, { roleArn }) =>
        sts.send(new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: "sample" })),
      allow: ({ roleArn }) => [{ Effect: "Allow", Action: "sts:AssumeRole", Resource: roleArn }],
    },
    GetCallerIdentity: { call: (sts) => sts.send(new GetCallerIdentityCommand({})), allow: "anyone" },
    GetSessionToken: {
      // Sessions may not ask for one, whatever their permissions.
      call: (_sts, { root }) => root.send(new GetSessionTokenCommand({})),
      allow: "anyone",
    },
  },
});
