import type { ResourceHandler } from "@bowline/engine";
import type { PermissionArgs, PermissionState } from "@pulumi/aws/lambda/permission.js";
import type { Aws } from "../aws.ts";
import { hasCode } from "../client.ts";
import type { Inputs } from "../plain.ts";
import { mayAdopt, resource } from "../resource.ts";
import { functionPath } from "./paths.ts";

export function permission(aws: Aws): ResourceHandler {
  const path = (inputs: Inputs<PermissionArgs>) => `${functionPath(inputs.function)}/policy`;
  return resource<PermissionArgs, PermissionState>(aws.endpoint, {
    required: ["action", "function", "principal"],
    autoName: { property: "statementId", prefixProperty: "statementIdPrefix", maxLength: 100 },
    // A statement cannot be changed, only replaced.
    replaceOn: [
      "action",
      "eventSourceToken",
      "function",
      "functionUrlAuthType",
      "invokedViaFunctionUrl",
      "principal",
      "principalOrgId",
      "qualifier",
      "region",
      "sourceAccount",
      "sourceArn",
      "statementId",
      "statementIdPrefix",
    ],
    find: (inputs) => inputs.statementId,
    async create(inputs, context) {
      const statementId = String(inputs.statementId);
      try {
        await aws.client.restJson(
          "lambda",
          "POST",
          path(inputs),
          {
            StatementId: statementId,
            Action: inputs.action,
            Principal: inputs.principal,
            EventSourceToken: inputs.eventSourceToken,
            FunctionUrlAuthType: inputs.functionUrlAuthType,
            InvokedViaFunctionUrl: inputs.invokedViaFunctionUrl,
            PrincipalOrgID: inputs.principalOrgId,
            SourceAccount: inputs.sourceAccount,
            SourceArn: inputs.sourceArn,
          },
          { Qualifier: inputs.qualifier },
        );
      } catch (error) {
        if (!hasCode(error, "ResourceConflictException") || !mayAdopt(statementId, context)) throw error;
      }
      return statementId;
    },
    async describe(id, inputs) {
      const { Policy } = await aws.client.restJson<{ Policy: string }>(
        "lambda",
        "GET",
        path(inputs),
        undefined,
        {
          Qualifier: inputs.qualifier,
        },
      );
      const { Statement } = JSON.parse(Policy) as { Statement: { Sid?: string }[] };
      return Statement.some(({ Sid }) => Sid === id) ? { statementId: id, region: aws.region } : undefined;
    },
    async delete(id, { inputs }) {
      await aws.client.restJson("lambda", "DELETE", `${path(inputs)}/${encodeURIComponent(id)}`, undefined, {
        Qualifier: inputs.qualifier,
      });
    },
  });
}
