/** What AWS has and the local cloud has not, refused in words that say what to do instead. */
import { AwsError } from "../../error.ts";
import type { AccessRequest } from "../../service.ts";
import { type Operation, operation } from "../../service.ts";

const partiql = "Use GetItem, Query, PutItem, UpdateItem, DeleteItem or TransactWriteItems instead.";
const restore =
  "Stop the cloud and copy its data folder to keep a table as it is, and put the copy back to restore it.";

/** By operation: the IAM action it takes on AWS, and the way around. */
const refused: Readonly<Record<string, { readonly action: string; readonly hint: string }>> = {
  ExecuteStatement: { action: "PartiQLSelect", hint: `PartiQL is not part of it. ${partiql}` },
  BatchExecuteStatement: { action: "PartiQLSelect", hint: `PartiQL is not part of it. ${partiql}` },
  ExecuteTransaction: { action: "PartiQLSelect", hint: `PartiQL is not part of it. ${partiql}` },
  RestoreTableToPointInTime: { action: "RestoreTableToPointInTime", hint: restore },
  RestoreTableFromBackup: { action: "RestoreTableFromBackup", hint: restore },
  CreateBackup: { action: "CreateBackup", hint: restore },
};

export function refusedOperations(): Record<string, Operation> {
  return Object.fromEntries(
    Object.entries(refused).map(([name, { action, hint }]) => [
      name,
      operation<unknown, never>({
        access: (): readonly AccessRequest[] => [{ action: `dynamodb:${action}`, resource: "*" }],
        run() {
          throw new AwsError(
            "NotImplemented",
            `dynamodb:${name} is not implemented in the local cloud. ${hint}`,
            501,
          );
        },
      }),
    ]),
  );
}
