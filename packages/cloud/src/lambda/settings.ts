/** Checks a function's configuration as clients send it and turns it into settings. */

import { invalid } from "./errors.ts";
import type { FunctionSettings, LoggingSettings, LogLevel } from "./model.ts";
import { isSupportedRuntime } from "./runtimes.ts";

/** The configuration members CreateFunction and UpdateFunctionConfiguration share. */
export interface ConfigurationInput {
  Runtime?: unknown;
  Handler?: unknown;
  Role?: unknown;
  Description?: unknown;
  Timeout?: unknown;
  MemorySize?: unknown;
  Environment?: unknown;
  Layers?: unknown;
  EphemeralStorage?: unknown;
  TracingConfig?: unknown;
  DeadLetterConfig?: unknown;
  LoggingConfig?: unknown;
}

export type ConfigurationSettings = Omit<FunctionSettings, "codeHash" | "codeSize" | "architectures">;

const ROLE = /^arn:aws[\w-]*:iam::\d{12}:role\/?[a-zA-Z_0-9+=,.@\-_/]+$/;
const VARIABLE = /^[a-zA-Z][a-zA-Z0-9_]*$/;
/** Variables Lambda sets itself and refuses to have set. */
const RESERVED = new Set([
  "_HANDLER",
  "_X_AMZN_TRACE_ID",
  "AWS_DEFAULT_REGION",
  "AWS_REGION",
  "AWS_EXECUTION_ENV",
  "AWS_LAMBDA_FUNCTION_NAME",
  "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
  "AWS_LAMBDA_FUNCTION_VERSION",
  "AWS_LAMBDA_INITIALIZATION_TYPE",
  "AWS_LAMBDA_LOG_GROUP_NAME",
  "AWS_LAMBDA_LOG_STREAM_NAME",
  "AWS_ACCESS_KEY",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_LAMBDA_RUNTIME_API",
  "LAMBDA_TASK_ROOT",
  "LAMBDA_RUNTIME_DIR",
]);
const VARIABLES_LIMIT = 4096;

/** What a new function has where its creator names nothing. */
export function defaultSettings(name: string): ConfigurationSettings {
  return {
    runtime: "",
    handler: "",
    role: "",
    description: "",
    timeout: 3,
    memorySize: 128,
    environment: {},
    layers: [],
    ephemeralStorage: 512,
    tracing: "PassThrough",
    logging: { format: "Text", group: `/aws/lambda/${name}` },
  };
}

/** The settings with what the input names replaced. */
export function applyConfiguration<Settings extends ConfigurationSettings>(
  settings: Settings,
  input: ConfigurationInput,
): Settings {
  return {
    ...settings,
    ...(input.Runtime === undefined ? {} : { runtime: runtime(input.Runtime) }),
    ...(input.Handler === undefined ? {} : { handler: text("Handler", input.Handler, 128) }),
    ...(input.Role === undefined ? {} : { role: role(input.Role) }),
    ...(input.Description === undefined ? {} : { description: text("Description", input.Description, 256) }),
    ...(input.Timeout === undefined ? {} : { timeout: integer("Timeout", input.Timeout, 1, 900) }),
    ...(input.MemorySize === undefined
      ? {}
      : { memorySize: integer("MemorySize", input.MemorySize, 128, 10_240) }),
    ...(input.Environment === undefined ? {} : { environment: variables(input.Environment) }),
    ...(input.Layers === undefined ? {} : { layers: layers(input.Layers) }),
    ...(input.EphemeralStorage === undefined
      ? {}
      : {
          ephemeralStorage: integer(
            "EphemeralStorage.Size",
            member(input.EphemeralStorage, "Size"),
            512,
            10_240,
          ),
        }),
    ...(input.TracingConfig === undefined
      ? {}
      : {
          tracing: choice("TracingConfig.Mode", member(input.TracingConfig, "Mode"), [
            "Active",
            "PassThrough",
          ]),
        }),
    ...(input.DeadLetterConfig === undefined ? {} : deadLetter(input.DeadLetterConfig)),
    ...(input.LoggingConfig === undefined ? {} : { logging: logging(input.LoggingConfig, settings.logging) }),
  };
}

/** What every function needs before it can run. */
export function checkComplete(settings: ConfigurationSettings): void {
  if (!settings.runtime)
    throw invalid("Runtime is mandatory for functions created with deployment packages.");
  if (!settings.handler)
    throw invalid("Handler is mandatory for functions created with deployment packages.");
  if (!settings.role)
    throw invalid(
      "1 validation error detected: Value at 'role' failed to satisfy constraint: Member must not be null",
    );
}

function runtime(value: unknown): string {
  const name = String(value);
  if (!isSupportedRuntime(name)) {
    throw invalid(
      `Value ${name} at 'runtime' is not a runtime of the local cloud: it runs nodejs*.x, python3.*, and provided.* functions.`,
    );
  }
  return name;
}

function role(value: unknown): string {
  if (typeof value !== "string" || !ROLE.test(value)) {
    throw invalid(
      `1 validation error detected: Value '${String(value)}' at 'role' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+`,
    );
  }
  return value;
}

export function text(name: string, value: unknown, longest: number): string {
  if (typeof value !== "string" || value.length > longest) {
    throw invalid(`${name} must be a string of at most ${longest} characters.`);
  }
  return value;
}

export function integer(name: string, value: unknown, least: number, most: number): number {
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isInteger(number) || number < least || number > most) {
    throw invalid(
      `1 validation error detected: Value '${String(value)}' at '${name}' failed to satisfy constraint: Member must be between ${least} and ${most}`,
    );
  }
  return number;
}

export function choice<T extends string>(name: string, value: unknown, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (!found) {
    throw invalid(
      `1 validation error detected: Value '${String(value)}' at '${name}' failed to satisfy constraint: Member must satisfy enum value set: [${allowed.join(", ")}]`,
    );
  }
  return found;
}

export function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

export function strings(name: string, value: unknown): string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || value.some((one) => typeof one !== "string")) {
    throw invalid(`${name} must be a list of strings.`);
  }
  return value as string[];
}

export function tagMap(value: unknown): Record<string, string> {
  const tags: Record<string, string> = {};
  for (const [name, content] of Object.entries(value ?? {})) tags[name] = String(content);
  if (Object.keys(tags).length > 50) throw invalid("A function can have at most 50 tags.");
  return tags;
}

function variables(value: unknown): Record<string, string> {
  const given = member(value, "Variables") ?? {};
  if (typeof given !== "object") throw invalid("Environment.Variables must be a map of strings.");
  const result: Record<string, string> = {};
  for (const [name, content] of Object.entries(given as object)) {
    if (!VARIABLE.test(name)) {
      throw invalid(
        `1 validation error detected: Value at 'environment.variables' failed to satisfy constraint: Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+] (got '${name}')`,
      );
    }
    if (typeof content !== "string") throw invalid(`Environment variable ${name} must be a string.`);
    result[name] = content;
  }
  const reserved = Object.keys(result).filter((name) => RESERVED.has(name));
  if (reserved.length > 0) {
    throw invalid(
      `Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(", ")}`,
    );
  }
  if (Buffer.byteLength(JSON.stringify(result)) > VARIABLES_LIMIT) {
    throw invalid(
      `Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit.`,
    );
  }
  return result;
}

function layers(value: unknown): string[] {
  const list = strings("Layers", value);
  if (list.length > 5) throw invalid("Layers list cannot contain more than 5 layers.");
  return list;
}

function deadLetter(value: unknown): { deadLetterArn?: string } {
  const arn = member(value, "TargetArn");
  return typeof arn === "string" && arn !== "" ? { deadLetterArn: arn } : { deadLetterArn: undefined };
}

function logging(value: unknown, before: LoggingSettings): LoggingSettings {
  const given = (name: string) => member(value, name) ?? undefined;
  const group = given("LogGroup");
  const format = choice("LoggingConfig.LogFormat", given("LogFormat") ?? before.format, ["Text", "JSON"]);
  const level = (name: string, levels: readonly LogLevel[]) => {
    const wanted = given(name);
    return wanted === undefined ? undefined : choice(`LoggingConfig.${name}`, wanted, levels);
  };
  const application = level("ApplicationLogLevel", ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]);
  const system = level("SystemLogLevel", ["DEBUG", "INFO", "WARN"]);
  if (format === "Text" && (application ?? system) !== undefined) {
    throw invalid("Log levels can be set only where LogFormat is JSON.");
  }
  return {
    format,
    group: group === undefined ? before.group : text("LoggingConfig.LogGroup", group, 512),
    ...(format === "JSON"
      ? {
          applicationLevel: application ?? before.applicationLevel ?? "INFO",
          systemLevel: system ?? before.systemLevel ?? "INFO",
        }
      : {}),
  };
}
