/** Shortcuts for tests of functions: a cloud, a zip, a function in it. */
import { randomUUID } from "node:crypto";
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  CreateFunctionUrlConfigCommand,
  InvokeCommand,
  LambdaClient,
} from "@aws-sdk/client-lambda";
import { strToU8, zipSync } from "fflate";
import type { CloudEvent } from "../events.ts";
import type { PolicyStatement } from "../iam/policy.ts";
import { startTestCloud, type TestCloud } from "../testing.ts";

export interface LambdaCloud extends TestCloud {
  readonly lambda: LambdaClient;
  readonly events: CloudEvent[];
  /** The next event, past or future, that the filter accepts. */
  event(accepts: (event: CloudEvent) => boolean): Promise<CloudEvent>;
  /** Creates a function from its files; gives its name. */
  create(files: Readonly<Record<string, string>>, more?: CreateOptions): Promise<string>;
  /** Makes a public URL of the function. */
  publicUrl(
    name: string,
    more?: Partial<ConstructorParameters<typeof CreateFunctionUrlConfigCommand>[0]>,
  ): Promise<string>;
  invoke(name: string, payload?: unknown): Promise<Answer>;
}

export interface Answer {
  readonly payload: unknown;
  readonly error: string | undefined;
  readonly log: string;
}

export type CreateOptions = Partial<Omit<CreateFunctionCommandInput, "Role">> & {
  readonly statements?: readonly PolicyStatement[];
};

export function zip(files: Readonly<Record<string, string>>): Uint8Array {
  return zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])), {
    // The same files are the same bytes, whenever they are packed.
    mtime: "2026-01-01T00:00:00Z",
  });
}

export async function startLambdaCloud(
  options: Parameters<typeof startTestCloud>[0] = {},
): Promise<LambdaCloud> {
  const events: CloudEvent[] = [];
  const listeners = new Set<() => void>();
  const test = await startTestCloud({
    ...options,
    onEvent(event) {
      events.push(event);
      for (const listener of listeners) listener();
    },
  });
  const lambda = () => test.client(LambdaClient);
  // Not spread: `cloud` changes with a restart.
  return Object.defineProperties(
    {
      events,
      event(accepts: (event: CloudEvent) => boolean): Promise<CloudEvent> {
        return new Promise((resolve) => {
          const look = () => {
            const found = events.find(accepts);
            if (!found) return;
            listeners.delete(look);
            resolve(found);
          };
          listeners.add(look);
          look();
        });
      },
      async create(files: Readonly<Record<string, string>>, more: CreateOptions = {}): Promise<string> {
        const { statements = [], ...rest } = more;
        const { roleArn } = await test.roleWith(statements);
        const name = rest.FunctionName ?? `fn-${randomUUID().slice(0, 8)}`;
        await lambda().send(
          new CreateFunctionCommand({
            Runtime: "nodejs22.x",
            Handler: "index.handler",
            Code: { ZipFile: zip(files) },
            ...rest,
            FunctionName: name,
            Role: roleArn,
          }),
        );
        return name;
      },
      async publicUrl(name: string, more: object = {}): Promise<string> {
        const client = lambda();
        const { FunctionUrl } = await client.send(
          new CreateFunctionUrlConfigCommand({ FunctionName: name, AuthType: "NONE", ...more }),
        );
        await client.send(
          new AddPermissionCommand({
            FunctionName: name,
            StatementId: "FunctionURLAllowPublicAccess",
            Action: "lambda:InvokeFunctionUrl",
            Principal: "*",
            FunctionUrlAuthType: "NONE",
          }),
        );
        await client.send(
          new AddPermissionCommand({
            FunctionName: name,
            StatementId: "FunctionURLAllowInvokeAction",
            Action: "lambda:InvokeFunction",
            Principal: "*",
            InvokedViaFunctionUrl: true,
          }),
        );
        return FunctionUrl ?? "";
      },
      async invoke(name: string, payload: unknown = {}): Promise<Answer> {
        const answer = await lambda().send(
          new InvokeCommand({
            FunctionName: name,
            LogType: "Tail",
            Payload: Buffer.from(JSON.stringify(payload)),
          }),
        );
        return {
          payload: JSON.parse(Buffer.from(answer.Payload ?? []).toString() || "null"),
          error: answer.FunctionError,
          log: Buffer.from(answer.LogResult ?? "", "base64").toString(),
        };
      },
    },
    {
      ...Object.getOwnPropertyDescriptors(test),
      lambda: { get: lambda },
    },
  ) as unknown as LambdaCloud;
}
