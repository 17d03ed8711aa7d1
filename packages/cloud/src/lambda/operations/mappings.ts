/** Event source mappings: from queues and streams to functions. */
import { AwsError } from "../../error.ts";
import { type AccessRequest, type Operation, operation } from "../../service.ts";
import { conflict, invalid, notFound } from "../errors.ts";
import { functionArn, parseFunctionName } from "../names.ts";
import { rolePrincipal } from "../role-principal.ts";
import { page, type Room, resolveVersion } from "../room.ts";
import { member } from "../settings.ts";
import type { SourceManager } from "../sources/manager.ts";
import {
  changeMapping,
  describeMapping,
  kindOf,
  type Mapping,
  type MappingInput,
  type MappingStore,
  mappingArn,
  newMapping,
  type SourceKind,
} from "../sources/mapping.ts";

export function mappingOperations(
  room: Room,
  mappings: MappingStore,
  sources: SourceManager,
): Record<string, Operation> {
  const { hub } = room;

  function require(input: MappingInput): Mapping {
    const found = mappings.get(String(input.UUID));
    if (!found) throw notFound("The resource you requested does not exist.");
    return found;
  }

  const describe = (mapping: Mapping) => describeMapping(mapping, hub, sources.lastResult(mapping.uuid));

  const onMapping =
    (action: string) =>
    (input: MappingInput): AccessRequest[] => {
      const mapping = mappings.get(String(input.UUID));
      return [
        {
          action: `lambda:${action}`,
          resource: mappingArn(String(input.UUID), hub),
          ...(mapping ? { context: { "lambda:FunctionArn": functionArnOf(mapping) } } : {}),
        },
      ];
    };

  function functionArnOf(mapping: Mapping): string {
    return functionArn(hub, { name: mapping.functionName, qualifier: mapping.qualifier });
  }

  /** A question to the source that its reader may ask. */
  function probe(kind: SourceKind, arn: string): { readonly operation: string; readonly input: object } {
    if (kind === "dynamodb") return { operation: "DescribeStream", input: { StreamArn: arn } };
    if (kind === "kinesis") return { operation: "DescribeStream", input: { StreamARN: arn } };
    const [, , , , account, name] = arn.split(":");
    const QueueUrl = `${hub.endpoint}/${account}/${name}`;
    return { operation: "GetQueueAttributes", input: { QueueUrl, AttributeNames: ["VisibilityTimeout"] } };
  }

  /** Asks the source, as the function's role, so that a missing permission is an error now and not a silent poller. */
  async function checkSource(mapping: Mapping): Promise<void> {
    const target = resolveVersion(room, { name: mapping.functionName, qualifier: mapping.qualifier });
    const kind = kindOf(mapping.sourceArn);
    let answer: unknown;
    try {
      answer = await hub.call({
        service: kind,
        ...probe(kind, mapping.sourceArn),
        as: rolePrincipal(target, hub.accountId),
      });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      if (/AccessDenied/.test(error.code)) {
        const wanted = {
          sqs: "ReceiveMessage on SQS",
          dynamodb: "GetRecords on DynamoDB Streams",
          kinesis: "GetRecords, GetShardIterator and DescribeStream on Kinesis",
        }[kind];
        throw invalid(
          `The provided execution role does not have permissions to call ${wanted}. (${error.message})`,
        );
      }
      throw invalid(`The event source ${mapping.sourceArn} cannot be read: ${error.message}`);
    }
    const visibility = Number(member(member(answer, "Attributes"), "VisibilityTimeout") ?? Number.NaN);
    if (visibility < target.timeout) {
      throw invalid(
        `Queue visibility timeout: ${visibility} seconds is less than Function timeout: ${target.timeout} seconds`,
      );
    }
  }

  return {
    CreateEventSourceMapping: operation<MappingInput, object>({
      access: (input) => [
        {
          action: "lambda:CreateEventSourceMapping",
          resource: "*",
          context: { "lambda:FunctionArn": functionArn(hub, parseFunctionName(input.FunctionName)) },
        },
      ],
      async run(input, call) {
        const mapping = newMapping(input, call.time);
        await checkSource(mapping);
        const twin = mappings
          .all()
          .find(
            (other) =>
              other.sourceArn === mapping.sourceArn &&
              other.functionName === mapping.functionName &&
              other.qualifier === mapping.qualifier,
          );
        if (twin) {
          throw conflict(
            `An event source mapping with event source arn (" ${mapping.sourceArn} ") and function (" ${mapping.functionName} ") already exists. Please update or delete the existing mapping with UUID ${twin.uuid}`,
          );
        }
        mappings.put(mapping);
        sources.apply(mapping);
        return { $status: 202, ...describe(mapping) };
      },
    }),

    GetEventSourceMapping: operation<MappingInput, object>({
      access: onMapping("GetEventSourceMapping"),
      run: (input) => describe(require(input)),
    }),

    UpdateEventSourceMapping: operation<MappingInput, object>({
      access: onMapping("UpdateEventSourceMapping"),
      async run(input, call) {
        const changed = changeMapping(require(input), input, call.time);
        if (input.FunctionName !== undefined) await checkSource(changed);
        mappings.put(changed);
        sources.apply(changed);
        return { $status: 202, ...describe(changed) };
      },
    }),

    DeleteEventSourceMapping: operation<MappingInput, object>({
      access: onMapping("DeleteEventSourceMapping"),
      run(input) {
        const mapping = require(input);
        mappings.remove(mapping.uuid);
        sources.remove(mapping.uuid);
        return { $status: 202, ...describe(mapping), State: "Deleting" };
      },
    }),

    ListEventSourceMappings: operation<MappingInput & { Marker?: unknown; MaxItems?: unknown }, object>({
      access: () => [{ action: "lambda:ListEventSourceMappings", resource: "*" }],
      run(input) {
        const name =
          input.FunctionName === undefined ? undefined : parseFunctionName(input.FunctionName).name;
        const wanted = mappings
          .all()
          .filter(
            (mapping) =>
              (name === undefined || mapping.functionName === name) &&
              (input.EventSourceArn === undefined || mapping.sourceArn === input.EventSourceArn),
          );
        const { items, next } = page(wanted, input, 100);
        return { EventSourceMappings: items.map(describe), ...(next ? { NextMarker: next } : {}) };
      },
    }),
  };
}
