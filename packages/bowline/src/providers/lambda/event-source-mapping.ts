import type { ResourceContext, ResourceHandler } from "@bowline/engine";
import type {
  EventSourceMappingArgs,
  EventSourceMappingState,
} from "@pulumi/aws/lambda/eventSourceMapping.js";
import { type Aws, allTags } from "../aws.ts";
import { hasCode } from "../client.ts";
import type { Inputs } from "../plain.ts";
import { resource } from "../resource.ts";
import { until } from "../wait.ts";

type MappingInputs = Inputs<EventSourceMappingArgs>;

interface Mapping {
  readonly UUID: string;
  readonly FunctionArn?: string;
  readonly EventSourceArn?: string;
  readonly BatchSize?: number;
  readonly State?: string;
  readonly StateTransitionReason?: string;
  readonly LastModified?: number;
  readonly LastProcessingResult?: string;
}

const ROOT = "/2015-03-31/event-source-mappings";

export function eventSourceMapping(aws: Aws): ResourceHandler {
  const pathOf = (id: string) => `${ROOT}/${id}`;
  const get = (id: string) => aws.client.restJson<Mapping>("lambda", "GET", pathOf(id));

  async function settled(id: string, context: ResourceContext): Promise<void> {
    await until(`The event source mapping ${id}`, context.signal, async () => {
      const { State = "Enabled" } = await get(id);
      return /ing$/.test(State) ? undefined : true;
    });
  }

  return resource<EventSourceMappingArgs, EventSourceMappingState>(aws.endpoint, {
    required: ["functionName"],
    replaceOn: [
      "amazonManagedKafkaEventSourceConfig",
      "eventSourceArn",
      "queues",
      "region",
      "selfManagedEventSource",
      "selfManagedKafkaEventSourceConfig",
      "startingPosition",
      "startingPositionTimestamp",
      "topics",
    ],
    volatile: ["lastModified", "state", "stateTransitionReason"],
    recorded: [
      "amazonManagedKafkaEventSourceConfig",
      "documentDbEventSourceConfig",
      "metricsConfig",
      "provisionedPollerConfig",
      "queues",
      "selfManagedEventSource",
      "selfManagedKafkaEventSourceConfig",
      "sourceAccessConfigurations",
      "topics",
    ],
    find: (inputs) => findMapping(aws, inputs),
    async create(inputs, context) {
      const id = await createMapping(aws, inputs, context);
      await settled(id, context);
      return id;
    },
    async describe(id, inputs, context) {
      const found = await get(id);
      if (found.State === "Deleting") return undefined;
      return {
        uuid: id,
        arn: aws.arn("lambda", `event-source-mapping:${id}`),
        functionArn: found.FunctionArn,
        batchSize: found.BatchSize,
        enabled: inputs.enabled ?? true,
        state: found.State ?? "Enabled",
        stateTransitionReason: found.StateTransitionReason ?? "",
        lastModified:
          found.LastModified === undefined ? "" : new Date(found.LastModified * 1000).toISOString(),
        lastProcessingResult: found.LastProcessingResult ?? "",
        region: aws.region,
        tagsAll: allTags(inputs.tags, context),
      };
    },
    async update(id, inputs, old, context) {
      await aws.client.restJson("lambda", "PUT", pathOf(id), {
        ...settingsOf(inputs),
        ...cleared(inputs, old.inputs),
      });
      await settled(id, context);
    },
    async delete(id, _old, context) {
      await aws.client.restJson("lambda", "DELETE", pathOf(id));
      await until(`Deleting the event source mapping ${id}`, context.signal, async () => {
        try {
          await get(id);
          return undefined;
        } catch (error) {
          if (hasCode(error, "ResourceNotFoundException")) return true;
          throw error;
        }
      });
    },
  });
}

async function createMapping(aws: Aws, inputs: MappingInputs, context: ResourceContext): Promise<string> {
  try {
    const { UUID } = await aws.client.restJson<Mapping>("lambda", "POST", ROOT, {
      ...settingsOf(inputs),
      EventSourceArn: inputs.eventSourceArn,
      StartingPosition: inputs.startingPosition,
      StartingPositionTimestamp:
        inputs.startingPositionTimestamp === undefined
          ? undefined
          : Date.parse(inputs.startingPositionTimestamp) / 1000,
      Tags: allTags(inputs.tags, context),
    });
    return UUID;
  } catch (error) {
    // One source feeds one function once: what exists can only be an earlier attempt.
    if (!hasCode(error, "ResourceConflictException")) throw error;
    const existing = await findMapping(aws, inputs);
    if (existing === undefined) throw error;
    await aws.client.restJson("lambda", "PUT", `${ROOT}/${existing}`, settingsOf(inputs));
    return existing;
  }
}

async function findMapping(aws: Aws, inputs: MappingInputs): Promise<string | undefined> {
  const { EventSourceMappings } = await aws.client.restJson<{ EventSourceMappings: Mapping[] }>(
    "lambda",
    "GET",
    ROOT,
    undefined,
    {
      FunctionName: inputs.functionName,
      EventSourceArn: inputs.eventSourceArn,
    },
  );
  return EventSourceMappings[0]?.UUID;
}

/** What can be changed, too. */
function settingsOf(inputs: MappingInputs) {
  const onFailure = inputs.destinationConfig?.onFailure?.destinationArn;
  return {
    FunctionName: inputs.functionName,
    Enabled: inputs.enabled ?? true,
    BatchSize: inputs.batchSize,
    MaximumBatchingWindowInSeconds: inputs.maximumBatchingWindowInSeconds,
    ParallelizationFactor: inputs.parallelizationFactor,
    MaximumRecordAgeInSeconds: inputs.maximumRecordAgeInSeconds,
    MaximumRetryAttempts: inputs.maximumRetryAttempts,
    BisectBatchOnFunctionError: inputs.bisectBatchOnFunctionError,
    TumblingWindowInSeconds: inputs.tumblingWindowInSeconds,
    FunctionResponseTypes: inputs.functionResponseTypes,
    FilterCriteria: inputs.filterCriteria && {
      Filters: (inputs.filterCriteria.filters ?? []).map(({ pattern }) => ({ Pattern: pattern })),
    },
    ScalingConfig: inputs.scalingConfig && { MaximumConcurrency: inputs.scalingConfig.maximumConcurrency },
    DestinationConfig: onFailure === undefined ? undefined : { OnFailure: { Destination: onFailure } },
    KMSKeyArn: inputs.kmsKeyArn,
  };
}

/** What the program no longer names: absence would leave it as it was. */
function cleared(inputs: MappingInputs, old: MappingInputs) {
  return {
    ...(old.filterCriteria && !inputs.filterCriteria ? { FilterCriteria: { Filters: [] } } : {}),
    ...(old.functionResponseTypes && !inputs.functionResponseTypes ? { FunctionResponseTypes: [] } : {}),
    ...(old.scalingConfig && !inputs.scalingConfig ? { ScalingConfig: {} } : {}),
    ...(old.destinationConfig && !inputs.destinationConfig ? { DestinationConfig: { OnFailure: {} } } : {}),
    ...(old.maximumBatchingWindowInSeconds && inputs.maximumBatchingWindowInSeconds === undefined
      ? { MaximumBatchingWindowInSeconds: 0 }
      : {}),
  };
}
