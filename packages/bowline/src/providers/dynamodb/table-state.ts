import { type Client, hasCode } from "../client.ts";
import { until } from "../wait.ts";

/** What DescribeTable answers, as far as we read it. */
export interface TableDescription {
  readonly TableName: string;
  readonly TableArn: string;
  readonly TableStatus: string;
  readonly BillingModeSummary?: { readonly BillingMode?: string };
  readonly ProvisionedThroughput?: {
    readonly ReadCapacityUnits?: number;
    readonly WriteCapacityUnits?: number;
  };
  readonly DeletionProtectionEnabled?: boolean;
  readonly StreamSpecification?: { readonly StreamEnabled?: boolean; readonly StreamViewType?: string };
  readonly LatestStreamArn?: string;
  readonly LatestStreamLabel?: string;
  readonly TableClassSummary?: { readonly TableClass?: string };
  readonly GlobalSecondaryIndexes?: readonly { readonly IndexName: string; readonly IndexStatus?: string }[];
}

export async function describeTable(client: Client, name: string): Promise<TableDescription> {
  const { Table } = await client.json<{ Table: TableDescription }>("dynamodb", "DescribeTable", {
    TableName: name,
  });
  return Table;
}

/** Waits until table and indexes can be used; one index at a time may be made. */
export function tableReady(client: Client, name: string, signal: AbortSignal): Promise<TableDescription> {
  return until(`The table ${name}`, signal, async () => {
    const found = await describeTable(client, name);
    const indexesReady = (found.GlobalSecondaryIndexes ?? []).every(
      ({ IndexStatus = "ACTIVE" }) => IndexStatus === "ACTIVE",
    );
    return found.TableStatus === "ACTIVE" && indexesReady ? found : undefined;
  });
}

export async function tableGone(client: Client, name: string, signal: AbortSignal): Promise<void> {
  await until(`Deleting the table ${name}`, signal, async () => {
    try {
      await describeTable(client, name);
      return undefined;
    } catch (error) {
      if (hasCode(error, "ResourceNotFoundException")) return true;
      throw error;
    }
  });
}
