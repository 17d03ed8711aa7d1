/** Tags of streams and of consumers, and the policies attached to them. */
import { AwsError } from "../error.ts";
import { readPolicy } from "../iam/validate.ts";
import { type AccessRequest, type Operation, operation } from "../service.ts";
import { invalidArgument, notFound } from "./errors.ts";
import { type Input, optionalInteger, optionalText, tagMap, text, withoutTags, withTags } from "./input.ts";
import type { Consumer, Stream } from "./model.ts";
import type { KinesisState } from "./state.ts";

/** What streams and consumers have in common here. */
type Owned = Pick<Stream & Consumer, "tags" | "policy">;

const LONGEST_POLICY = 20 * 1024;

export function tagOperations(state: KinesisState): Record<string, Operation> {
  const { store } = state;

  /** The stream or consumer of an ARN, and how to keep a change of it. */
  function owner(arn: string): { value: Owned; keep(changed: Owned): Promise<void> } {
    const found = state.consumer(arn);
    if (found) {
      const { stream, consumer } = found;
      const replaced = (changed: Owned) =>
        stream.consumers.map((one) => (one === consumer ? { ...consumer, ...changed } : one));
      return {
        value: consumer,
        keep: (changed) => store.put({ ...stream, consumers: replaced(changed) }),
      };
    }
    if (/\/consumer\//.test(arn)) throw notFound(`Consumer ${arn} not found.`);
    const stream = state.stream({ StreamARN: arn });
    return { value: stream, keep: (changed) => store.put({ ...stream, ...changed }) };
  }

  const onArn =
    (action: string) =>
    (input: Input): readonly AccessRequest[] => [
      { action: `kinesis:${action}`, resource: text(input, "ResourceARN") },
    ];

  return {
    AddTagsToStream: operation<Input, void>({
      access: state.on("AddTagsToStream"),
      async run(input) {
        const stream = state.stream(input);
        await store.put({ ...stream, tags: withTags(stream.tags, tagMap(input.Tags)) });
      },
    }),

    RemoveTagsFromStream: operation<Input, void>({
      access: state.on("RemoveTagsFromStream"),
      async run(input) {
        const stream = state.stream(input);
        await store.put({ ...stream, tags: withoutTags(stream.tags, input.TagKeys) });
      },
    }),

    ListTagsForStream: operation<Input, unknown>({
      access: state.on("ListTagsForStream"),
      run(input) {
        const limit = optionalInteger(input, "Limit", 1, 50) ?? 50;
        const after = optionalText(input, "ExclusiveStartTagKey");
        const tags = shown(state.stream(input).tags).filter(({ Key }) => after === undefined || Key > after);
        return { Tags: tags.slice(0, limit), HasMoreTags: tags.length > limit };
      },
    }),

    TagResource: operation<Input, void>({
      access: onArn("TagResource"),
      async run(input) {
        const { value, keep } = owner(text(input, "ResourceARN"));
        await keep({ ...value, tags: withTags(value.tags, tagMap(input.Tags)) });
      },
    }),

    UntagResource: operation<Input, void>({
      access: onArn("UntagResource"),
      async run(input) {
        const { value, keep } = owner(text(input, "ResourceARN"));
        await keep({ ...value, tags: withoutTags(value.tags, input.TagKeys) });
      },
    }),

    ListTagsForResource: operation<Input, unknown>({
      access: onArn("ListTagsForResource"),
      run: (input) => ({ Tags: shown(owner(text(input, "ResourceARN")).value.tags) }),
    }),

    PutResourcePolicy: operation<Input, void>({
      access: onArn("PutResourcePolicy"),
      async run(input) {
        const { value, keep } = owner(text(input, "ResourceARN"));
        await keep({ ...value, policy: checkedPolicy(text(input, "Policy")) });
      },
    }),

    GetResourcePolicy: operation<Input, unknown>({
      access: onArn("GetResourcePolicy"),
      run(input) {
        const arn = text(input, "ResourceARN");
        const { policy } = owner(arn).value;
        if (policy === undefined) throw notFound(`There is no resource policy on ${arn}.`);
        return { Policy: policy };
      },
    }),

    DeleteResourcePolicy: operation<Input, void>({
      access: onArn("DeleteResourcePolicy"),
      async run(input) {
        const arn = text(input, "ResourceARN");
        const { value, keep } = owner(arn);
        if (value.policy === undefined) throw notFound(`There is no resource policy on ${arn}.`);
        await keep({ ...value, policy: undefined });
      },
    }),
  };
}

function shown(tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] {
  return Object.entries(tags)
    .map(([Key, Value]) => ({ Key, Value }))
    .sort((a, b) => (a.Key < b.Key ? -1 : 1));
}

function checkedPolicy(policy: string): string {
  if (Buffer.byteLength(policy) > LONGEST_POLICY) {
    throw invalidArgument(`A resource policy has at most ${LONGEST_POLICY} bytes.`);
  }
  try {
    readPolicy(policy, "resource");
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw invalidArgument(error.message);
  }
  return policy;
}
