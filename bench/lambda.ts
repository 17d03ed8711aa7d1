/** What running a function costs over running its program: cold starts and warm invocations. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { CreateFunctionCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { startCloud } from "@bowline/cloud";
import { strToU8, zipSync } from "fflate";
import { startEnvironment } from "../packages/cloud/src/lambda/environment.ts";
import { createGuard } from "../packages/cloud/src/lambda/guard.ts";
import { launchOf } from "../packages/cloud/src/lambda/runtimes.ts";
import { median } from "./median.ts";

/** Milliseconds, medians. */
export interface LambdaFigures {
  readonly runtime: string;
  /** Spawning the interpreter with an empty program, until it has exited. */
  readonly bare: number;
  /** Spawning an environment, until a trivial handler has answered. */
  readonly cold: number;
  readonly coldRatio: number;
  /** One invocation of a warm environment: Runtime API, bootstrap and handler, without the front door. */
  readonly warm: number;
  /** The same through the AWS SDK, the front door, signature and IAM. */
  readonly invoke: number;
  /** A signed SDK call that runs nothing: what of `invoke` is not Lambda's. */
  readonly dryRun: number;
}

const FILES = {
  "index.mjs": "export const handler = async (event) => event;",
  "app.py": "def handler(event, context):\n    return event\n",
};

/**
 * @example
 * console.table(await benchLambda());
 */
export async function benchLambda(rounds = 15, warmRounds = 1500): Promise<LambdaFigures[]> {
  const dir = await mkdtemp(join(tmpdir(), "bowline-bench-"));
  const cloud = await startCloud({ dir });
  const config = { endpoint: cloud.endpoint, region: cloud.region, credentials: cloud.credentials };
  const lambda = new LambdaClient(config);
  const Code = {
    ZipFile: zipSync(Object.fromEntries(Object.entries(FILES).map(([name, text]) => [name, strToU8(text)]))),
  };
  const figures: LambdaFigures[] = [];
  try {
    const { Role } = await new IAMClient(config).send(
      new CreateRoleCommand({ RoleName: "bench", AssumeRolePolicyDocument: JSON.stringify(TRUST) }),
    );
    for (const { Runtime, Handler, empty } of PROGRAMS) {
      await lambda.send(
        new CreateFunctionCommand({
          FunctionName: Handler.replace(".", "-"),
          Runtime,
          Handler,
          Role: Role?.Arn,
          Code,
        }),
      );
      figures.push(await measure(lambda, join(dir, "lambda"), Runtime, Handler, empty, rounds, warmRounds));
    }
  } finally {
    await cloud.stop();
    await rm(dir, { recursive: true, force: true });
  }
  return figures;
}

const PROGRAMS = [
  { Runtime: "nodejs22.x", Handler: "index.handler", empty: ["-e", "0"] },
  { Runtime: "python3.12", Handler: "app.handler", empty: ["-c", "0"] },
] as const;

const TRUST = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
};

async function measure(
  lambda: LambdaClient,
  codeFolder: string,
  runtime: string,
  handler: string,
  empty: readonly string[],
  rounds: number,
  warmRounds: number,
): Promise<LambdaFigures> {
  const taskRoot = await unpackedFolder(codeFolder);
  const launch = await launchOf({ runtime, memorySize: 128, taskRoot }, {});
  const guard = createGuard();
  const environment = () =>
    startEnvironment(
      launch,
      {
        version: "$LATEST",
        timeout: 3,
        memorySize: 128,
        taskRoot,
        variables: {
          LAMBDA_TASK_ROOT: taskRoot,
          _HANDLER: handler,
          AWS_EXECUTION_ENV: `AWS_Lambda_${runtime}`,
        },
      },
      { guard, line() {}, ended() {} },
    );
  const invocation = (id: number) => ({
    requestId: String(id),
    payload: Buffer.from("{}"),
    invokedArn: "arn:aws:lambda",
  });
  const bare: number[] = [];
  const cold: number[] = [];
  // Taken in turns, so that a busy machine slows both alike.
  for (let round = 0; round < rounds; round++) {
    bare.push(
      await timed(() => once(spawn(launch.command, [...empty], { env: {}, stdio: "ignore" }), "exit")),
    );
    const started = performance.now();
    const fresh = await environment();
    await fresh.invoke(invocation(round));
    cold.push(performance.now() - started);
    await fresh.stop();
  }
  const kept = await environment();
  const warm: number[] = [];
  for (let round = 0; round < warmRounds; round++)
    warm.push(await timed(() => kept.invoke(invocation(round))));
  await kept.stop();
  guard.close();

  const FunctionName = handler.replace(".", "-");
  const call = (InvocationType: "RequestResponse" | "DryRun") =>
    lambda.send(new InvokeCommand({ FunctionName, InvocationType, Payload: Buffer.from("{}") }));
  const invoke: number[] = [];
  const dryRun: number[] = [];
  for (let round = 0; round < warmRounds; round++) {
    invoke.push(await timed(() => call("RequestResponse")));
    dryRun.push(await timed(() => call("DryRun")));
  }
  return {
    runtime,
    bare: median(bare),
    cold: median(cold),
    coldRatio: median(cold) / median(bare),
    warm: median(warm.slice(warm.length / 3)),
    invoke: median(invoke.slice(invoke.length / 3)),
    dryRun: median(dryRun.slice(dryRun.length / 3)),
  };
}

/** Both functions are one package, so there is one folder. */
async function unpackedFolder(codeFolder: string): Promise<string> {
  const name = (await readdir(codeFolder)).find((entry) => /^[0-9a-f]{64}$/.test(entry));
  return join(codeFolder, name ?? "");
}

async function timed(action: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await action();
  return performance.now() - started;
}
