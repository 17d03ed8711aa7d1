/** How asynchronous invocations of a function are retried and where their results go. */
import { type Call, type Operation, operation } from "../../service.ts";
import { describeEventInvokeConfig } from "../describe.ts";
import { invalid, notFound } from "../errors.ts";
import type { EventInvokeConfig } from "../model.ts";
import { functionArn } from "../names.ts";
import {
  type FunctionInput,
  onFunction,
  onUnqualified,
  page,
  type Room,
  referenceOf,
  resolveVersion,
} from "../room.ts";
import { integer, member } from "../settings.ts";
import { LATEST } from "../store.ts";

interface ConfigInput extends FunctionInput {
  readonly MaximumRetryAttempts?: unknown;
  readonly MaximumEventAgeInSeconds?: unknown;
  readonly DestinationConfig?: unknown;
}

export function eventInvokeOperations(room: Room): Record<string, Operation> {
  const { hub, store } = room;

  function keyOf(input: ConfigInput): { functionName: string; qualifier: string } {
    const reference = referenceOf(input);
    resolveVersion(room, reference);
    return { functionName: reference.name, qualifier: reference.qualifier ?? LATEST };
  }

  function find(input: ConfigInput): EventInvokeConfig {
    const { functionName: name, qualifier } = keyOf(input);
    const found = store.eventInvokeConfig(name, qualifier);
    if (!found) {
      throw notFound(
        `The function ${functionArn(hub, { name, qualifier })} doesn't have an EventInvokeConfig`,
      );
    }
    return found;
  }

  function save(input: ConfigInput, before: EventInvokeConfig, call: Call): object {
    const config: EventInvokeConfig = {
      ...before,
      modified: call.time,
      ...(input.MaximumRetryAttempts === undefined
        ? {}
        : { maximumRetryAttempts: integer("maximumRetryAttempts", input.MaximumRetryAttempts, 0, 2) }),
      ...(input.MaximumEventAgeInSeconds === undefined
        ? {}
        : {
            maximumEventAgeInSeconds: integer(
              "maximumEventAgeInSeconds",
              input.MaximumEventAgeInSeconds,
              60,
              21_600,
            ),
          }),
      ...(input.DestinationConfig === undefined ? {} : destinations(input.DestinationConfig)),
    };
    store.putEventInvokeConfig(config);
    return describeEventInvokeConfig(config, call);
  }

  return {
    PutFunctionEventInvokeConfig: operation<ConfigInput, object>({
      access: onFunction(hub, "PutFunctionEventInvokeConfig"),
      run: (input, call) => save(input, { ...keyOf(input), modified: call.time }, call),
    }),
    UpdateFunctionEventInvokeConfig: operation<ConfigInput, object>({
      access: onFunction(hub, "UpdateFunctionEventInvokeConfig"),
      run: (input, call) => save(input, find(input), call),
    }),
    GetFunctionEventInvokeConfig: operation<ConfigInput, object>({
      access: onFunction(hub, "GetFunctionEventInvokeConfig"),
      run: (input, call) => describeEventInvokeConfig(find(input), call),
    }),
    DeleteFunctionEventInvokeConfig: operation<ConfigInput, object>({
      access: onFunction(hub, "DeleteFunctionEventInvokeConfig"),
      run(input) {
        const { functionName, qualifier } = find(input);
        store.removeEventInvokeConfig(functionName, qualifier);
        return { $status: 204 };
      },
    }),
    ListFunctionEventInvokeConfigs: operation<ConfigInput & { Marker?: unknown; MaxItems?: unknown }, object>(
      {
        access: onUnqualified(hub, "ListFunctionEventInvokeConfigs"),
        run(input, call) {
          const { items, next } = page(store.eventInvokeConfigs(keyOf(input).functionName), input);
          return {
            FunctionEventInvokeConfigs: items.map((config) => describeEventInvokeConfig(config, call)),
            ...(next ? { NextMarker: next } : {}),
          };
        },
      },
    ),
  };
}

function destinations(value: unknown): { onSuccess?: string; onFailure?: string } {
  const read = (name: string) => {
    const arn = member(member(value, name), "Destination");
    if (arn === undefined || arn === null || arn === "") return undefined;
    if (!/^arn:aws[\w-]*:(sqs|sns|lambda|events):/.test(String(arn))) {
      throw invalid(`The destination ARN ${String(arn)} is not of a queue, topic, function or event bus.`);
    }
    return String(arn);
  };
  return { onSuccess: read("OnSuccess"), onFailure: read("OnFailure") };
}
