/** What a table is besides its items: time to live, tags, backups; and what the account has. */
import { type Operation, operation } from "../../service.ts";
import { accountAccess, arnAccess, tableAccess } from "../access.ts";
import type { DynamoDbContext } from "../context.ts";
import type { TableDefinition } from "../definition.ts";
import { validation } from "../errors.ts";
import {
  constraint,
  type Input,
  readFlag,
  readInteger,
  readList,
  readRequiredText,
  readStructure,
} from "../input.ts";
import { readTags } from "../table-input.ts";
import { dropExpiries, fillExpiries } from "../ttl.ts";
import { tableByArn } from "./policies.ts";
import { findTable } from "./tables.ts";

const mostTags = 50;
const longestRecovery = 35;

export function settingOperations(context: DynamoDbContext): Record<string, Operation> {
  const { hub, catalogue } = context;

  return {
    UpdateTimeToLive: operation<Input, unknown>({
      access: tableAccess(hub, "UpdateTimeToLive"),
      run(input) {
        const { definition, rows } = findTable(context, input);
        const wanted = readStructure(input, "TimeToLiveSpecification");
        if (!wanted) throw constraint(undefined, "timeToLiveSpecification", "Member must not be null");
        const attribute = readRequiredText(wanted, "AttributeName");
        const enabled = readFlag(wanted, "Enabled") ?? false;
        checkTtlChange(definition, enabled, attribute);
        catalogue.update(definition.name, (current) => {
          if (enabled) fillExpiries(rows, current.keys, attribute);
          else dropExpiries(context.db, current);
          return { ...current, ttl: enabled ? { attribute } : undefined };
        });
        return { TimeToLiveSpecification: { Enabled: enabled, AttributeName: attribute } };
      },
    }),

    DescribeTimeToLive: operation<Input, unknown>({
      access: tableAccess(hub, "DescribeTimeToLive"),
      run(input) {
        const { ttl } = findTable(context, input).definition;
        return {
          TimeToLiveDescription: ttl
            ? { TimeToLiveStatus: "ENABLED", AttributeName: ttl.attribute }
            : { TimeToLiveStatus: "DISABLED" },
        };
      },
    }),

    TagResource: operation<Input, unknown>({
      access: arnAccess("TagResource"),
      run(input) {
        const { name } = tableByArn(context, readRequiredText(input, "ResourceArn")).definition;
        const added = readTags(input);
        catalogue.update(name, (current) => {
          const tags = new Map([...current.tags, ...added].map((tag) => [tag.Key, tag]));
          if (tags.size > mostTags) throw validation("Tag limit exceeded: a table has at most 50 tags");
          return { ...current, tags: [...tags.values()] };
        });
        return {};
      },
    }),

    UntagResource: operation<Input, unknown>({
      access: arnAccess("UntagResource"),
      run(input) {
        const { name } = tableByArn(context, readRequiredText(input, "ResourceArn")).definition;
        const keys = new Set(readList(input, "TagKeys"));
        catalogue.update(name, (current) => ({
          ...current,
          tags: current.tags.filter(({ Key }) => !keys.has(Key)),
        }));
        return {};
      },
    }),

    ListTagsOfResource: operation<Input, unknown>({
      access: arnAccess("ListTagsOfResource"),
      run: (input) => ({
        Tags: tableByArn(context, readRequiredText(input, "ResourceArn")).definition.tags,
      }),
    }),

    DescribeContinuousBackups: operation<Input, unknown>({
      access: tableAccess(hub, "DescribeContinuousBackups"),
      run: (input, call) => describeBackups(findTable(context, input).definition, call.time),
    }),

    UpdateContinuousBackups: operation<Input, unknown>({
      access: tableAccess(hub, "UpdateContinuousBackups"),
      run(input, call) {
        const { name } = findTable(context, input).definition;
        const wanted = readStructure(input, "PointInTimeRecoverySpecification");
        if (!wanted)
          throw constraint(undefined, "pointInTimeRecoverySpecification", "Member must not be null");
        const enabled = readFlag(wanted, "PointInTimeRecoveryEnabled") ?? false;
        const days = readInteger(wanted, "RecoveryPeriodInDays", { least: 1, most: longestRecovery });
        const table = catalogue.update(name, (current) => ({
          ...current,
          recovery: enabled
            ? {
                since: current.recovery?.since ?? call.time / 1000,
                days: days ?? current.recovery?.days ?? longestRecovery,
              }
            : undefined,
        }));
        return describeBackups(table.definition, call.time);
      },
    }),

    ListBackups: operation<Input, unknown>({
      access: accountAccess("ListBackups"),
      run: () => ({ BackupSummaries: [] }),
    }),

    DescribeKinesisStreamingDestination: operation<Input, unknown>({
      access: tableAccess(hub, "DescribeKinesisStreamingDestination"),
      run: (input) => ({
        TableName: findTable(context, input).definition.name,
        KinesisDataStreamDestinations: [],
      }),
    }),

    DescribeContributorInsights: operation<Input, unknown>({
      access: tableAccess(hub, "DescribeContributorInsights"),
      run: (input) => ({
        TableName: findTable(context, input).definition.name,
        ContributorInsightsStatus: "DISABLED",
      }),
    }),

    DescribeLimits: operation<Input, unknown>({
      access: accountAccess("DescribeLimits"),
      run: () => ({
        AccountMaxReadCapacityUnits: 80000,
        AccountMaxWriteCapacityUnits: 80000,
        TableMaxReadCapacityUnits: 40000,
        TableMaxWriteCapacityUnits: 40000,
      }),
    }),

    DescribeEndpoints: operation<Input, unknown>({
      access: accountAccess("DescribeEndpoints"),
      run: (_, call) => ({
        Endpoints: [{ Address: call.endpoint.replace(/^https?:\/\//, ""), CachePeriodInMinutes: 1440 }],
      }),
    }),
  };
}

function checkTtlChange({ ttl }: TableDefinition, enabled: boolean, attribute: string): void {
  if (!enabled && !ttl) throw validation("TimeToLive is already disabled");
  if (!ttl) return;
  if (ttl.attribute !== attribute) {
    throw validation(
      `TimeToLive is active on a different AttributeName: current AttributeName is ${ttl.attribute}`,
    );
  }
  if (enabled) throw validation("TimeToLive is already enabled");
}

function describeBackups({ recovery }: TableDefinition, time: number): unknown {
  return {
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: "ENABLED",
      PointInTimeRecoveryDescription: recovery
        ? {
            PointInTimeRecoveryStatus: "ENABLED",
            RecoveryPeriodInDays: recovery.days,
            EarliestRestorableDateTime: recovery.since,
            LatestRestorableDateTime: time / 1000,
          }
        : { PointInTimeRecoveryStatus: "DISABLED" },
    },
  };
}
