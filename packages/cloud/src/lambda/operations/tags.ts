/** Tags and reserved concurrency: what is kept beside a function. */
import { type Operation, operation } from "../../service.ts";
import { invalid } from "../errors.ts";
import { parseFunctionName } from "../names.ts";
import { type FunctionInput, onUnqualified, type Room, referenceOf, requireFunction } from "../room.ts";
import { integer, tagMap } from "../settings.ts";

interface TagInput {
  readonly Resource?: unknown;
  readonly Tags?: unknown;
  readonly tagKeys?: string | string[];
}

/** What an account has in a region unless it asked for more. */
export const ACCOUNT_CONCURRENCY = 1000;
const UNRESERVED_AT_LEAST = 100;

export function tagOperations(room: Room): Record<string, Operation> {
  const { hub, store } = room;
  const name = (input: TagInput) => requireFunction(room, parseFunctionName(input.Resource)).name;
  const access = (action: string) => (input: TagInput) => [
    { action: `lambda:${action}`, resource: String(input.Resource ?? "*") },
  ];

  return {
    TagResource: operation<TagInput, object>({
      access: access("TagResource"),
      run(input) {
        const target = name(input);
        store.putTags(target, tagMap({ ...store.extras(target).tags, ...(input.Tags as object) }));
        return { $status: 204 };
      },
    }),
    UntagResource: operation<TagInput, object>({
      access: access("UntagResource"),
      run(input) {
        const target = name(input);
        const gone = new Set([input.tagKeys ?? []].flat());
        const left = Object.entries(store.extras(target).tags).filter(([key]) => !gone.has(key));
        store.putTags(target, Object.fromEntries(left));
        return { $status: 204 };
      },
    }),
    ListTags: operation<TagInput, object>({
      access: access("ListTags"),
      run: (input) => ({ Tags: store.extras(name(input)).tags }),
    }),

    PutFunctionConcurrency: operation<FunctionInput & { ReservedConcurrentExecutions?: unknown }, object>({
      access: onUnqualified(hub, "PutFunctionConcurrency"),
      run(input) {
        const target = requireFunction(room, referenceOf(input)).name;
        const wanted = integer(
          "ReservedConcurrentExecutions",
          input.ReservedConcurrentExecutions,
          0,
          2 ** 31 - 1,
        );
        if (ACCOUNT_CONCURRENCY - store.totalReserved(target) - wanted < UNRESERVED_AT_LEAST) {
          throw invalid(
            `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${UNRESERVED_AT_LEAST}].`,
          );
        }
        store.putReserved(target, wanted);
        return { ReservedConcurrentExecutions: wanted };
      },
    }),
    GetFunctionConcurrency: operation<FunctionInput, object>({
      access: onUnqualified(hub, "GetFunctionConcurrency"),
      run(input) {
        const { reserved } = store.extras(requireFunction(room, referenceOf(input)).name);
        return reserved === undefined ? {} : { ReservedConcurrentExecutions: reserved };
      },
    }),
    DeleteFunctionConcurrency: operation<FunctionInput, object>({
      access: onUnqualified(hub, "DeleteFunctionConcurrency"),
      run(input) {
        store.putReserved(requireFunction(room, referenceOf(input)).name, undefined);
        return { $status: 204 };
      },
    }),
    GetAccountSettings: operation<object, object>({
      access: () => [{ action: "lambda:GetAccountSettings", resource: "*" }],
      run() {
        const functions = store.functions();
        return {
          AccountLimit: {
            TotalCodeSize: 80_530_636_800,
            CodeSizeUnzipped: 262_144_000,
            CodeSizeZipped: 52_428_800,
            ConcurrentExecutions: ACCOUNT_CONCURRENCY,
            UnreservedConcurrentExecutions: ACCOUNT_CONCURRENCY - store.totalReserved(""),
          },
          AccountUsage: {
            TotalCodeSize: functions.reduce((sum, { codeSize }) => sum + codeSize, 0),
            FunctionCount: functions.length,
          },
        };
      },
    }),
  };
}
