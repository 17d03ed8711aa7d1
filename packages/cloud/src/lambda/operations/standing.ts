/** What is asked of every function and has one answer here: nothing of it can be set. */
import { AwsError } from "../../error.ts";
import { type Operation, operation } from "../../service.ts";
import { functionArn } from "../names.ts";
import {
  type FunctionInput,
  onFunction,
  onUnqualified,
  type Room,
  referenceOf,
  requireFunction,
} from "../room.ts";

export function standingOperations(room: Room): Record<string, Operation> {
  const { hub } = room;
  const arnOf = (input: FunctionInput) => functionArn(hub, referenceOf(input));

  return {
    GetRuntimeManagementConfig: operation<FunctionInput, object>({
      access: onFunction(hub, "GetRuntimeManagementConfig"),
      run(input) {
        requireFunction(room, referenceOf(input));
        return { UpdateRuntimeOn: "Auto", FunctionArn: arnOf(input) };
      },
    }),

    GetFunctionRecursionConfig: operation<FunctionInput, object>({
      access: onUnqualified(hub, "GetFunctionRecursionConfig"),
      run(input) {
        requireFunction(room, referenceOf(input));
        return { RecursiveLoop: "Terminate" };
      },
    }),

    GetProvisionedConcurrencyConfig: operation<FunctionInput, object>({
      access: onFunction(hub, "GetProvisionedConcurrencyConfig"),
      run(input) {
        requireFunction(room, referenceOf(input));
        throw new AwsError(
          "ProvisionedConcurrencyConfigNotFoundException",
          "No Provisioned Concurrency Config found for this function",
          404,
        );
      },
    }),

    ListProvisionedConcurrencyConfigs: operation<FunctionInput, object>({
      access: onUnqualified(hub, "ListProvisionedConcurrencyConfigs"),
      run(input) {
        requireFunction(room, referenceOf(input));
        return { ProvisionedConcurrencyConfigs: [] };
      },
    }),
  };
}
