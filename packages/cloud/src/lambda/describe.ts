/** Records as the Lambda API answers them. */

import type { Alias, EventInvokeConfig, FunctionUrl, FunctionVersion } from "./model.ts";
import { type FunctionReference, functionArn } from "./names.ts";

/** AWS's `FunctionConfiguration`. */
export function describeFunction(value: FunctionVersion, qualified = value.version !== "$LATEST"): object {
  return {
    FunctionName: value.name,
    FunctionArn: qualified ? `${value.arn}:${value.version}` : value.arn,
    Runtime: value.runtime,
    Role: value.role,
    Handler: value.handler,
    CodeSize: value.codeSize,
    Description: value.description,
    Timeout: value.timeout,
    MemorySize: value.memorySize,
    LastModified: value.lastModified,
    CodeSha256: Buffer.from(value.codeHash, "hex").toString("base64"),
    Version: value.version,
    ...(Object.keys(value.environment).length > 0 ? { Environment: { Variables: value.environment } } : {}),
    ...(value.deadLetterArn ? { DeadLetterConfig: { TargetArn: value.deadLetterArn } } : {}),
    TracingConfig: { Mode: value.tracing },
    RevisionId: value.revisionId,
    ...(value.layers.length > 0 ? { Layers: value.layers.map((Arn) => ({ Arn })) } : {}),
    State: "Active",
    LastUpdateStatus: "Successful",
    PackageType: "Zip",
    Architectures: value.architectures,
    EphemeralStorage: { Size: value.ephemeralStorage },
    SnapStart: { ApplyOn: "None", OptimizationStatus: "Off" },
    RuntimeVersionConfig: {
      RuntimeVersionArn: `arn:aws:lambda:${value.arn.split(":")[3]}::runtime:${value.codeHash}`,
    },
    LoggingConfig: {
      LogFormat: value.logging.format,
      LogGroup: value.logging.group,
      ApplicationLogLevel: value.logging.applicationLevel,
      SystemLogLevel: value.logging.systemLevel,
    },
  };
}

interface Scope {
  readonly endpoint: string;
  readonly region: string;
  readonly accountId: string;
}

/** Where a function's URL is reached on loopback; host style works as well. */
export function urlOf(endpoint: string, id: string): string {
  return `${endpoint}/_url/${id}/`;
}

export function describeUrl(url: FunctionUrl, scope: Scope): object {
  const reference: FunctionReference = { name: url.functionName, qualifier: url.qualifier };
  return {
    FunctionUrl: urlOf(scope.endpoint, url.id),
    FunctionArn: functionArn(scope, reference),
    AuthType: url.authType,
    ...(url.cors ? { Cors: url.cors } : {}),
    CreationTime: url.created,
    LastModifiedTime: url.modified,
    InvokeMode: url.invokeMode,
  };
}

export function describeAlias(alias: Alias, scope: Scope): object {
  return {
    AliasArn: functionArn(scope, { name: alias.functionName, qualifier: alias.name }),
    Name: alias.name,
    FunctionVersion: alias.version,
    Description: alias.description,
    RevisionId: alias.revisionId,
    ...(alias.weights ? { RoutingConfig: { AdditionalVersionWeights: alias.weights } } : {}),
  };
}

export function describeEventInvokeConfig(config: EventInvokeConfig, scope: Scope): object {
  return {
    FunctionArn: functionArn(scope, { name: config.functionName, qualifier: config.qualifier }),
    // The SDKs read this one as seconds.
    LastModified: config.modified / 1000,
    ...(config.maximumRetryAttempts === undefined
      ? {}
      : { MaximumRetryAttempts: config.maximumRetryAttempts }),
    ...(config.maximumEventAgeInSeconds === undefined
      ? {}
      : { MaximumEventAgeInSeconds: config.maximumEventAgeInSeconds }),
    DestinationConfig: {
      OnSuccess: config.onSuccess ? { Destination: config.onSuccess } : {},
      OnFailure: config.onFailure ? { Destination: config.onFailure } : {},
    },
  };
}
