import type { ResourceContext, ResourceHandler } from "@bowline/engine";
import type { FunctionArgs, FunctionState } from "@pulumi/aws/lambda/function.js";
import { type Aws, allTags, isEmpty, tagChanges } from "../aws.ts";
import { hasCode } from "../client.ts";
import type { Inputs } from "../plain.ts";
import { mayAdopt, resource } from "../resource.ts";
import { until } from "../wait.ts";
import { type FunctionConfiguration, functionOutputs } from "./function-outputs.ts";
import { packArchive } from "./package.ts";
import { functionPath } from "./paths.ts";

type FunctionInputs = Inputs<FunctionArgs>;

/** Terraform's word for "no limit". */
const UNRESERVED = -1;

export function lambdaFunction(aws: Aws): ResourceHandler {
  return resource<FunctionArgs, FunctionState>(aws.endpoint, {
    required: ["role"],
    autoName: { property: "name", maxLength: 64 },
    replaceOn: ["name", "packageType", "region", "tenancyConfig", "durableConfig"],
    volatile: [
      "lastModified",
      "version",
      "qualifiedArn",
      "qualifiedInvokeArn",
      "sourceCodeHash",
      "codeSha256",
      "sourceCodeSize",
    ],
    recorded: [
      "capacityProviderConfig",
      "codeSigningConfigArn",
      "durableConfig",
      "fileSystemConfig",
      "snapStart",
      "tenancyConfig",
      "vpcConfig",
    ],
    validate,
    find: (inputs) => inputs.name,
    async create(inputs, context) {
      const name = String(inputs.name);
      try {
        await aws.client.restJson("lambda", "POST", "/2015-03-31/functions", {
          FunctionName: name,
          ...configurationOf(inputs),
          PackageType: inputs.packageType ?? "Zip",
          Architectures: inputs.architectures,
          Code: await codeOf(aws, inputs),
          Publish: inputs.publish ?? false,
          Tags: allTags(inputs.tags, context),
        });
        await ready(aws, name, context);
      } catch (error) {
        if (!hasCode(error, "ResourceConflictException") || !mayAdopt(name, context)) throw error;
        await updateConfiguration(aws, name, inputs, context);
        await updateCode(aws, name, inputs, context);
      }
      if (reserved(inputs) !== UNRESERVED) await reserve(aws, name, inputs);
      return name;
    },
    async describe(id, inputs, context) {
      const found = await aws.client.restJson<FunctionConfiguration>(
        "lambda",
        "GET",
        `${functionPath(id)}/configuration`,
      );
      return functionOutputs(
        aws,
        inputs,
        found,
        inputs.publish ? await latestVersion(aws, id) : "$LATEST",
        context,
      );
    },
    async update(id, inputs, old, context) {
      const configuration =
        JSON.stringify(configurationOf(inputs)) !== JSON.stringify(configurationOf(old.inputs));
      if (configuration) await updateConfiguration(aws, id, inputs, context);
      const code = codeChanged(inputs, old.inputs);
      if (code) await updateCode(aws, id, inputs, context);
      if (inputs.publish && (configuration || code || !old.inputs.publish)) {
        await aws.client.restJson("lambda", "POST", `${functionPath(id)}/versions`, {});
      }
      if (reserved(inputs) !== reserved(old.inputs)) await reserve(aws, id, inputs);
      await changeTags(aws, id, inputs, old.inputs, context);
    },
    async delete(id, { inputs }) {
      if (!inputs.skipDestroy) await aws.client.restJson("lambda", "DELETE", functionPath(id));
    },
    predict(inputs) {
      const arn = aws.arn("lambda", `function:${inputs.name}`);
      return { arn, invokeArn: invokeArnOf(aws, arn), region: aws.region };
    },
  });
}

export function invokeArnOf(aws: Aws, arn: string): string {
  return `arn:aws:apigateway:${aws.region}:lambda:path/2015-03-31/functions/${arn}/invocations`;
}

function validate(inputs: FunctionInputs) {
  if ((inputs.packageType ?? "Zip") !== "Zip" || inputs.imageUri !== undefined) return [];
  const failures: { property: keyof FunctionArgs; reason: string }[] = [];
  if (inputs.code === undefined && inputs.s3Bucket === undefined) {
    failures.push({
      property: "code",
      reason: 'A function needs its code: "code" (an archive), or "s3Bucket" and "s3Key".',
    });
  }
  for (const property of ["handler", "runtime"] as const) {
    if (inputs[property] === undefined)
      failures.push({ property, reason: `"${property}" is required for a function that is a ZIP package.` });
  }
  return failures;
}

function configurationOf(inputs: FunctionInputs) {
  return {
    Role: inputs.role,
    Runtime: inputs.runtime,
    Handler: inputs.handler,
    Description: inputs.description ?? "",
    Timeout: inputs.timeout ?? 3,
    MemorySize: inputs.memorySize ?? 128,
    Environment: { Variables: inputs.environment?.variables ?? {} },
    Layers: inputs.layers ?? [],
    KMSKeyArn: inputs.kmsKeyArn,
    DeadLetterConfig: { TargetArn: inputs.deadLetterConfig?.targetArn ?? "" },
    TracingConfig: { Mode: inputs.tracingConfig?.mode ?? "PassThrough" },
    EphemeralStorage: { Size: inputs.ephemeralStorage?.size ?? 512 },
    ...(inputs.loggingConfig
      ? {
          LoggingConfig: {
            LogFormat: inputs.loggingConfig.logFormat,
            LogGroup: inputs.loggingConfig.logGroup,
            ApplicationLogLevel: inputs.loggingConfig.applicationLogLevel,
            SystemLogLevel: inputs.loggingConfig.systemLogLevel,
          },
        }
      : {}),
    ...(inputs.imageConfig
      ? {
          ImageConfig: {
            Command: inputs.imageConfig.commands,
            EntryPoint: inputs.imageConfig.entryPoints,
            WorkingDirectory: inputs.imageConfig.workingDirectory,
          },
        }
      : {}),
  };
}

async function codeOf(aws: Aws, inputs: FunctionInputs) {
  if (inputs.imageUri !== undefined) return { ImageUri: inputs.imageUri };
  if (inputs.s3Bucket !== undefined) {
    return { S3Bucket: inputs.s3Bucket, S3Key: inputs.s3Key, S3ObjectVersion: inputs.s3ObjectVersion };
  }
  return { ZipFile: Buffer.from(await packArchive(inputs.code, aws.cwd)).toString("base64") };
}

const codeInputs = [
  "code",
  "s3Bucket",
  "s3Key",
  "s3ObjectVersion",
  "imageUri",
  "architectures",
  "sourceCodeHash",
] as const;

function codeChanged(inputs: FunctionInputs, old: FunctionInputs): boolean {
  return codeInputs.some((key) => fingerprint(inputs[key]) !== fingerprint(old[key]));
}

/** An archive by its content where the engine tells its hash, all else as it is. */
function fingerprint(value: unknown): string | undefined {
  const hash = (value as { hash?: unknown } | undefined)?.hash;
  return typeof hash === "string" ? hash : JSON.stringify(value);
}

async function updateCode(
  aws: Aws,
  name: string,
  inputs: FunctionInputs,
  context: ResourceContext,
): Promise<void> {
  await aws.client.restJson("lambda", "PUT", `${functionPath(name)}/code`, {
    ...(await codeOf(aws, inputs)),
    Architectures: inputs.architectures,
  });
  await ready(aws, name, context);
}

async function updateConfiguration(
  aws: Aws,
  name: string,
  inputs: FunctionInputs,
  context: ResourceContext,
): Promise<void> {
  await aws.client.restJson("lambda", "PUT", `${functionPath(name)}/configuration`, configurationOf(inputs));
  await ready(aws, name, context);
}

/** Waits until the function can be invoked with what was last given. */
async function ready(aws: Aws, name: string, context: ResourceContext): Promise<void> {
  await until(`The function ${name}`, context.signal, async () => {
    const found = await aws.client.restJson<FunctionConfiguration>(
      "lambda",
      "GET",
      `${functionPath(name)}/configuration`,
    );
    if (found.State === "Failed" || found.LastUpdateStatus === "Failed") {
      throw new Error(
        `The function ${name} failed to start: ${found.StateReason ?? found.LastUpdateStatusReason ?? "no reason given"}.`,
      );
    }
    return (found.State ?? "Active") === "Active" && found.LastUpdateStatus !== "InProgress"
      ? true
      : undefined;
  });
}

function reserved(inputs: FunctionInputs): number {
  return inputs.reservedConcurrentExecutions ?? UNRESERVED;
}

async function reserve(aws: Aws, name: string, inputs: FunctionInputs): Promise<void> {
  const path = `/2017-10-31/functions/${name}/concurrency`;
  if (reserved(inputs) === UNRESERVED) await aws.client.restJson("lambda", "DELETE", path);
  else await aws.client.restJson("lambda", "PUT", path, { ReservedConcurrentExecutions: reserved(inputs) });
}

async function latestVersion(aws: Aws, name: string): Promise<string> {
  let latest = "$LATEST";
  let marker: string | undefined;
  do {
    const page = await aws.client.restJson<{ Versions: { Version: string }[]; NextMarker?: string }>(
      "lambda",
      "GET",
      `${functionPath(name)}/versions`,
      undefined,
      { Marker: marker },
    );
    latest = page.Versions.at(-1)?.Version ?? latest;
    marker = page.NextMarker || undefined;
  } while (marker);
  return latest;
}

async function changeTags(
  aws: Aws,
  name: string,
  inputs: FunctionInputs,
  old: FunctionInputs,
  context: ResourceContext,
): Promise<void> {
  const path = `/2017-03-31/tags/${encodeURIComponent(aws.arn("lambda", `function:${name}`))}`;
  const tags = tagChanges(inputs, old, context);
  for (const key of tags.removed)
    await aws.client.restJson("lambda", "DELETE", path, undefined, { tagKeys: key });
  if (!isEmpty(tags.put)) await aws.client.restJson("lambda", "POST", path, { Tags: tags.put });
}
