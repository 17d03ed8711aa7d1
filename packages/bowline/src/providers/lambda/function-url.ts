import type { ResourceHandler } from "@bowline/engine";
import type { FunctionUrlArgs, FunctionUrlState } from "@pulumi/aws/lambda/functionUrl.js";
import type { Aws } from "../aws.ts";
import { hasCode } from "../client.ts";
import type { Inputs } from "../plain.ts";
import { resource } from "../resource.ts";
import { functionName, functionPath } from "./paths.ts";

type UrlInputs = Inputs<FunctionUrlArgs>;

interface UrlConfiguration {
  readonly FunctionArn: string;
  readonly FunctionUrl: string;
  readonly AuthType: string;
  readonly InvokeMode?: string;
}

export function functionUrl(aws: Aws): ResourceHandler {
  const path = (inputs: UrlInputs) => `${functionPath(inputs.functionName, "2021-10-31")}/url`;
  const bodyOf = (inputs: UrlInputs) => ({
    AuthType: inputs.authorizationType,
    InvokeMode: inputs.invokeMode ?? "BUFFERED",
    Cors: inputs.cors && {
      AllowCredentials: inputs.cors.allowCredentials,
      AllowHeaders: inputs.cors.allowHeaders,
      AllowMethods: inputs.cors.allowMethods,
      AllowOrigins: inputs.cors.allowOrigins,
      ExposeHeaders: inputs.cors.exposeHeaders,
      MaxAge: inputs.cors.maxAge,
    },
  });
  const put = (method: "POST" | "PUT", inputs: UrlInputs) =>
    aws.client.restJson("lambda", method, path(inputs), bodyOf(inputs), { Qualifier: inputs.qualifier });

  return resource<FunctionUrlArgs, FunctionUrlState>(aws.endpoint, {
    required: ["authorizationType", "functionName"],
    replaceOn: ["functionName", "qualifier"],
    endpointOutputs: ["functionUrl"],
    find: idOf,
    async create(inputs) {
      try {
        await put("POST", inputs);
      } catch (error) {
        // A function (or an alias) has one URL: this can only be an earlier attempt.
        if (!hasCode(error, "ResourceConflictException")) throw error;
        await put("PUT", inputs);
      }
      if (inputs.authorizationType === "NONE") await allowEveryone(aws, inputs);
      return idOf(inputs);
    },
    async describe(_id, inputs) {
      const found = await aws.client.restJson<UrlConfiguration>("lambda", "GET", path(inputs), undefined, {
        Qualifier: inputs.qualifier,
      });
      return {
        functionArn: found.FunctionArn,
        functionUrl: found.FunctionUrl,
        urlId: urlIdOf(found.FunctionUrl),
        authorizationType: found.AuthType,
        invokeMode: found.InvokeMode ?? "BUFFERED",
        region: aws.region,
      };
    },
    async update(_id, inputs, old) {
      await put("PUT", inputs);
      if (inputs.authorizationType === "NONE" && old.inputs.authorizationType !== "NONE")
        await allowEveryone(aws, inputs);
    },
    async delete(_id, { inputs }) {
      await aws.client.restJson("lambda", "DELETE", path(inputs), undefined, { Qualifier: inputs.qualifier });
    },
  });
}

/** As AWS's console and Terraform do: a URL without authorisation is of no use unless everyone may invoke it. */
async function allowEveryone(aws: Aws, inputs: UrlInputs): Promise<void> {
  const permissions = [
    {
      StatementId: "FunctionURLAllowPublicAccess",
      Action: "lambda:InvokeFunctionUrl",
      FunctionUrlAuthType: "NONE",
    },
    {
      StatementId: "FunctionURLInvokeAllowPublicAccess",
      Action: "lambda:InvokeFunction",
      InvokedViaFunctionUrl: true,
    },
  ];
  for (const permission of permissions) {
    try {
      await aws.client.restJson(
        "lambda",
        "POST",
        `${functionPath(inputs.functionName)}/policy`,
        { ...permission, Principal: "*" },
        { Qualifier: inputs.qualifier },
      );
    } catch (error) {
      if (!hasCode(error, "ResourceConflictException")) throw error;
    }
  }
}

/** The first label of AWS's host names, or the last part of a path on loopback. */
function urlIdOf(url: string): string {
  const { hostname, pathname } = new URL(url);
  return pathname.split("/").filter(Boolean).at(-1) ?? hostname.split(".")[0] ?? "";
}

function idOf(inputs: UrlInputs): string {
  const name = functionName(inputs.functionName);
  return inputs.qualifier ? `${name}/${inputs.qualifier}` : name;
}
