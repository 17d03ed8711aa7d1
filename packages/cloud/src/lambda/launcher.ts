/** Builds what a function runs in: its variables, credentials, folder and program. */

import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { AwsError } from "../error.ts";
import type { Credentials, Hub } from "../service.ts";
import type { CodeStore } from "./code.ts";
import { type Environment, startEnvironment } from "./environment.ts";
import type { Guard } from "./guard.ts";
import type { FunctionLogs } from "./logs.ts";
import type { FunctionVersion } from "./model.ts";
import { launchOf, type RuntimeOptions } from "./runtimes.ts";

export interface LauncherOptions {
  readonly hub: Hub;
  readonly code: CodeStore;
  readonly logs: FunctionLogs;
  readonly guard: Guard;
  readonly runtimes: RuntimeOptions;
  /** Folders that stand for `/opt`, in the order the layers were named. */
  layerFolders(layers: readonly string[]): Promise<readonly string[]>;
}

/** Credentials are taken fresh for an environment, and it is replaced before they end. */
const EXPIRY_MARGIN = 5 * 60_000;

export function createLauncher(options: LauncherOptions) {
  const { hub, code, logs, guard, runtimes } = options;
  return async function launch(
    target: FunctionVersion,
    ended: () => void,
  ): Promise<{ environment: Environment; expires?: number }> {
    const taskRoot = code.folder(target.codeHash);
    const [program, layers] = await Promise.all([
      launchOf({ runtime: target.runtime, memorySize: target.memorySize, taskRoot }, runtimes),
      options.layerFolders(target.layers),
    ]);
    const credentials = credentialsOf(hub, target);
    const logStream = `${new Date().toISOString().slice(0, 10).replaceAll("-", "/")}/[${target.version}]${randomUUID().replaceAll("-", "")}`;
    const environment = await startEnvironment(
      program,
      {
        version: target.version,
        timeout: target.timeout,
        memorySize: target.memorySize,
        logging: target.logging,
        taskRoot,
        variables: {
          ...lambdaVariables(target, hub, taskRoot, logStream),
          ...searchPaths(target, layers, runtimes),
          AWS_ACCESS_KEY_ID: credentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
          ...(credentials.sessionToken ? { AWS_SESSION_TOKEN: credentials.sessionToken } : {}),
          ...target.environment,
        },
      },
      {
        guard,
        ended,
        line(line, requestId, stream) {
          logs.write(target, logStream, line);
          if (stream === "platform") return;
          hub.emit({
            type: "function.log",
            time: Date.now(),
            functionName: target.name,
            ...(requestId ? { requestId } : {}),
            stream,
            line,
          });
        },
      },
    );
    const expires = credentials.expiration ? credentials.expiration.getTime() - EXPIRY_MARGIN : undefined;
    return { environment, ...(expires ? { expires } : {}) };
  };
}

function credentialsOf(hub: Hub, target: FunctionVersion): Credentials {
  try {
    return hub.assumeRole(target.role, target.name, "lambda.amazonaws.com");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AwsError(
      "AccessDeniedException",
      `The role defined for the function cannot be assumed by Lambda. (${reason})`,
      403,
    );
  }
}

/** What Lambda itself sets, and nothing of the developer's own environment. */
function lambdaVariables(
  target: FunctionVersion,
  hub: Hub,
  taskRoot: string,
  logStream: string,
): Record<string, string> {
  return {
    PATH: "/usr/local/bin:/usr/bin:/bin:/opt/bin",
    LANG: "en_US.UTF-8",
    TZ: ":UTC",
    // Not a folder of the developer's: SDKs look for configuration files below it.
    HOME: tmpdir(),
    LAMBDA_TASK_ROOT: taskRoot,
    LAMBDA_RUNTIME_DIR: taskRoot,
    AWS_REGION: hub.region,
    AWS_DEFAULT_REGION: hub.region,
    AWS_ENDPOINT_URL: hub.endpoint,
    AWS_EXECUTION_ENV: `AWS_Lambda_${target.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: target.name,
    AWS_LAMBDA_FUNCTION_VERSION: target.version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(target.memorySize),
    AWS_LAMBDA_LOG_GROUP_NAME: target.logging.group,
    AWS_LAMBDA_LOG_STREAM_NAME: logStream,
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_FORMAT: target.logging.format,
    ...(target.logging.applicationLevel ? { AWS_LAMBDA_LOG_LEVEL: target.logging.applicationLevel } : {}),
    _HANDLER: target.handler,
    ...(process.platform === "win32" ? { SystemRoot: process.env.SystemRoot ?? "C:\\Windows" } : {}),
  };
}

/** Layers are unpacked in folders of their own in place of `/opt`, so the runtimes are told where. */
function searchPaths(
  target: FunctionVersion,
  layers: readonly string[],
  runtimes: RuntimeOptions,
): Record<string, string> {
  const node = [
    ...layers.flatMap((folder) => [join(folder, "nodejs/node_modules")]),
    ...(runtimes.node?.path ?? []),
  ];
  const python = [...layers.flatMap((folder) => [join(folder, "python")]), ...(runtimes.python?.path ?? [])];
  const list = target.runtime.startsWith("nodejs") ? node : python;
  const path = list.join(delimiter);
  return {
    ...(target.runtime.startsWith("nodejs") && path ? { NODE_PATH: path } : {}),
    ...(target.runtime.startsWith("python") && path ? { PYTHONPATH: path } : {}),
    ...(layers.length > 0
      ? {
          PATH: [...layers.map((folder) => join(folder, "bin")), "/usr/local/bin:/usr/bin:/bin"].join(":"),
          LD_LIBRARY_PATH: layers.map((folder) => join(folder, "lib")).join(":"),
        }
      : {}),
  };
}
