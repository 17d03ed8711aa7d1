/** Resource policies of tables. */
import { hash } from "node:crypto";
import { AwsError } from "../../error.ts";
import type { PolicyDocument } from "../../iam/policy.ts";
import { type Operation, operation } from "../../service.ts";
import { arnAccess } from "../access.ts";
import type { DynamoDbContext } from "../context.ts";
import type { TableDefinition } from "../definition.ts";
import { resourceNotFound, validation } from "../errors.ts";
import { type Input, readRequiredText, readText } from "../input.ts";
import type { TableStore } from "../store/table.ts";
import { isRecord } from "../value.ts";

const longestPolicy = 20 * 1024;

export function policyOperations(context: DynamoDbContext): Record<string, Operation> {
  const { catalogue } = context;

  return {
    PutResourcePolicy: operation<Input, unknown>({
      access: arnAccess("PutResourcePolicy"),
      run(input) {
        const { definition } = tableByArn(context, readRequiredText(input, "ResourceArn"));
        const policy = readResourcePolicy(readRequiredText(input, "Policy"));
        checkRevision(definition, readText(input, "ExpectedRevisionId"));
        catalogue.update(definition.name, (current) => ({ ...current, policy }));
        return { RevisionId: policy?.revision };
      },
    }),

    GetResourcePolicy: operation<Input, unknown>({
      access: arnAccess("GetResourcePolicy"),
      run(input) {
        const { policy } = tableByArn(context, readRequiredText(input, "ResourceArn")).definition;
        if (!policy) throw noPolicy();
        return { Policy: policy.text, RevisionId: policy.revision };
      },
    }),

    DeleteResourcePolicy: operation<Input, unknown>({
      access: arnAccess("DeleteResourcePolicy"),
      run(input) {
        const { definition } = tableByArn(context, readRequiredText(input, "ResourceArn"));
        checkRevision(definition, readText(input, "ExpectedRevisionId"));
        if (!definition.policy) return {};
        catalogue.update(definition.name, (current) => ({ ...current, policy: undefined }));
        return { RevisionId: definition.policy.revision };
      },
    }),
  };
}

const noPolicy = () =>
  new AwsError("PolicyNotFoundException", "Resource-based policy not found for the provided ResourceArn");

/** The table (or the table of the index or stream) that an ARN names. */
export function tableByArn({ hub, catalogue }: DynamoDbContext, arn: string): TableStore {
  const prefix = `arn:aws:dynamodb:${hub.region}:${hub.accountId}:table/`;
  const name = arn.startsWith(prefix) ? arn.slice(prefix.length).split("/")[0] : undefined;
  const table = name === undefined ? undefined : catalogue.find(name);
  if (!table) throw resourceNotFound(`Requested resource not found: ResourcArn: ${arn} not found`);
  return table;
}

function checkRevision({ policy }: TableDefinition, expected: string | undefined): void {
  if (expected === undefined) return;
  if (expected === (policy?.revision ?? "NO_POLICY")) return;
  throw policy && expected !== "NO_POLICY"
    ? new AwsError("PolicyNotFoundException", "The resource policy has another revision id than expected")
    : noPolicy();
}

export function readResourcePolicy(text: string | undefined): TableDefinition["policy"] {
  if (text === undefined) return undefined;
  if (Buffer.byteLength(text) > longestPolicy) {
    throw validation("Resource-based policy document exceeds the maximum size of 20 KB");
  }
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw validation("Resource-based policy document is not valid JSON");
  }
  if (!isRecord(document) || !("Statement" in document)) {
    throw validation("Resource-based policy document is malformed: it has no Statement");
  }
  const revision = String(BigInt(`0x${hash("sha256", text).slice(0, 12)}`));
  return { document: document as unknown as PolicyDocument, text, revision };
}
