/** SQS speaks AWS JSON today and Query to old clients; operations see the JSON form of both. */
import { jsonProtocol } from "../protocol/json.ts";
import { entries, members, type QueryInput, queryProtocol, structures } from "../protocol/query.ts";
import { flat } from "../protocol/rest-xml.ts";
import type { HttpRequest, Protocol } from "../service.ts";
import { legacyCode } from "./errors.ts";

type Members = Record<string, unknown>;

const json = jsonProtocol({
  version: "1.0",
  namespace: "com.amazonaws.sqs",
  targetPrefix: "AmazonSQS",
  denialStatus: 403,
  queryErrorHeader: legacyCode,
});

/** `MessageAttribute.1.Name`, `.Value.DataType`, … as the map that JSON has. */
function attributeMap(input: QueryInput, prefix: string): Members | undefined {
  const found = structures(input, prefix);
  if (found.length === 0) return undefined;
  const map: Members = {};
  for (const record of found) {
    const value: Members = {};
    for (const name of ["DataType", "StringValue", "BinaryValue"]) {
      const member = record[`Value.${name}`];
      if (member !== undefined) value[name] = member;
    }
    if (record.Name !== undefined && record.Name !== "__proto__") map[record.Name] = value;
  }
  return map;
}

/** A record's own members, and the attributes below it. */
function message(input: QueryInput): Members {
  const plain: Members = {};
  for (const [name, value] of Object.entries(input)) if (!name.includes(".")) plain[name] = value;
  plain.MessageAttributes = attributeMap(input, "MessageAttribute");
  plain.MessageSystemAttributes = attributeMap(input, "MessageSystemAttribute");
  return plain;
}

const nameValue = { key: "Name", value: "Value" };
const keyValue = { key: "Key", value: "Value" };

function fromQuery(operation: string, input: QueryInput): Members {
  const members_ = message(input);
  const batch = structures(input, `${operation}RequestEntry`);
  if (operation.endsWith("Batch")) members_.Entries = batch.map((entry) => message(entry));
  members_.Attributes = entries(input, "Attribute", nameValue);
  members_.AttributeNames = members(input, "AttributeName");
  members_.MessageAttributeNames = members(input, "MessageAttributeName");
  members_.MessageSystemAttributeNames = members(input, "MessageSystemAttributeName");
  members_.AWSAccountIds = members(input, "AWSAccountId");
  members_.Actions = members(input, "ActionName");
  members_.TagKeys = members(input, "TagKey");
  members_.Tags = entries(input, "Tag", keyValue);
  members_.tags = members_.Tags;
  return members_;
}

function pairs(map: unknown, key: string): unknown {
  return flat(Object.entries((map ?? {}) as Members).map(([name, Value]) => ({ [key]: name, Value })));
}

function list(value: unknown): readonly Members[] {
  return (value ?? []) as readonly Members[];
}

const results: Readonly<Record<string, (output: Members) => Members>> = {
  GetQueueAttributes: (output) => ({ Attribute: pairs(output.Attributes, "Name") }),
  ListQueues: (output) => ({ QueueUrl: flat(list(output.QueueUrls)), NextToken: output.NextToken }),
  ListDeadLetterSourceQueues: (output) => ({
    QueueUrl: flat(list(output.queueUrls)),
    NextToken: output.NextToken,
  }),
  ListQueueTags: (output) => ({ Tag: pairs(output.Tags, "Key") }),
  ListMessageMoveTasks: (output) => ({ ListMessageMoveTasksResultEntry: flat(list(output.Results)) }),
  ReceiveMessage: (output) => ({
    Message: flat(
      list(output.Messages).map(({ Attributes, MessageAttributes, ...rest }) => ({
        ...rest,
        Attribute: pairs(Attributes, "Name"),
        MessageAttribute: pairs(MessageAttributes, "Name"),
      })),
    ),
  }),
};

for (const operation of ["SendMessageBatch", "DeleteMessageBatch", "ChangeMessageVisibilityBatch"]) {
  (results as Record<string, (output: Members) => Members>)[operation] = (output) => ({
    [`${operation}ResultEntry`]: flat(list(output.Successful)),
    BatchResultErrorEntry: flat(list(output.Failed)),
  });
}

const query = queryProtocol({
  xmlns: "http://queue.amazonaws.com/doc/2012-11-05/",
  errorCode: legacyCode,
  input: fromQuery,
  result: (operation, output) => results[operation]?.((output ?? {}) as Members) ?? output,
});

/** Old clients name the queue by the path they post to. */
const queryByPath: Protocol = {
  ...query,
  async parse(request) {
    const { operation, input } = await query.parse(request);
    const known = input as Members;
    if (known.QueueUrl === undefined && request.path.length > 1) known.QueueUrl = request.path;
    return { operation, input: known };
  },
};

export function sqsProtocol(request: HttpRequest): Protocol {
  return request.headers["x-amz-target"] === undefined ? queryByPath : json;
}
