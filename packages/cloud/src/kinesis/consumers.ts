/** Registered consumers of streams. */
import { type AccessRequest, type Operation, operation } from "../service.ts";
import { describeConsumer } from "./describe.ts";
import { inUse, invalidArgument, notFound } from "./errors.ts";
import { type Input, optionalInteger, optionalText, tagMap, text, withTags } from "./input.ts";
import type { Consumer, Stream } from "./model.ts";
import type { KinesisState } from "./state.ts";

const MOST_CONSUMERS = 20;

export function consumerOperations(state: KinesisState): Record<string, Operation> {
  const { store, hub } = state;

  const streamIn = (input: Input) => state.stream({ StreamARN: text(input, "StreamARN") });

  /** By its own ARN, or by its name and the stream's ARN. */
  function find(input: Input): { readonly stream: Stream; readonly consumer: Consumer } {
    const arn = optionalText(input, "ConsumerARN");
    if (arn !== undefined) {
      const found = state.consumer(arn);
      if (!found) throw notFound(`Consumer ${arn} under account ${hub.accountId} not found.`);
      return found;
    }
    const name = optionalText(input, "ConsumerName");
    if (name === undefined) {
      throw invalidArgument("Either ConsumerARN, or both StreamARN and ConsumerName must be provided.");
    }
    const stream = streamIn(input);
    const consumer = stream.consumers.find((one) => one.name === name);
    if (!consumer) {
      throw notFound(`Consumer ${name} of stream ${stream.name} under account ${hub.accountId} not found.`);
    }
    return { stream, consumer };
  }

  /** IAM is asked before it is known whether there is such a consumer. */
  const onConsumer =
    (action: string) =>
    (input: Input): readonly AccessRequest[] => {
      const arn = optionalText(input, "ConsumerARN");
      const stream = optionalText(input, "StreamARN");
      const name = optionalText(input, "ConsumerName");
      const known = stream && store.get(state.nameIn({ StreamARN: stream }))?.consumers;
      const found = known ? known.find((one) => one.name === name)?.arn : undefined;
      return [
        {
          action: `kinesis:${action}`,
          resource: arn ?? found ?? `${stream ?? "*"}/consumer/${name ?? "*"}:0`,
        },
      ];
    };

  return {
    RegisterStreamConsumer: operation<Input, unknown>({
      access: (input) => {
        const resource = state.arnOf(state.nameIn({ StreamARN: text(input, "StreamARN") }));
        return [
          { action: "kinesis:RegisterStreamConsumer", resource },
          ...(input.Tags ? [{ action: "kinesis:TagResource", resource }] : []),
        ];
      },
      async run(input, call) {
        const stream = streamIn(input);
        const name = text(input, "ConsumerName");
        if (!/^[a-zA-Z0-9_.-]{1,128}$/.test(name)) {
          throw invalidArgument(`ConsumerName ${name} must have 1 to 128 letters, digits and _ . -`);
        }
        if (stream.consumers.some((one) => one.name === name)) {
          throw inUse(
            `Consumer ${name} of stream ${stream.name} under account ${hub.accountId} already exists.`,
          );
        }
        if (stream.consumers.length >= MOST_CONSUMERS) {
          throw invalidArgument(`Stream ${stream.name} has ${MOST_CONSUMERS} consumers already.`);
        }
        const created = call.time - (call.time % 1000);
        const consumer: Consumer = {
          name,
          arn: `${stream.arn}/consumer/${name}:${created / 1000}`,
          created,
          tags: withTags({}, tagMap(input.Tags)),
        };
        await store.put({ ...stream, consumers: [...stream.consumers, consumer] });
        return { Consumer: describeConsumer(consumer) };
      },
    }),

    DescribeStreamConsumer: operation<Input, unknown>({
      access: onConsumer("DescribeStreamConsumer"),
      run(input) {
        const { stream, consumer } = find(input);
        return { ConsumerDescription: { ...describeConsumer(consumer), StreamARN: stream.arn } };
      },
    }),

    ListStreamConsumers: operation<Input, unknown>({
      access: (input) => state.on("ListStreamConsumers")({ StreamARN: text(input, "StreamARN") }),
      run(input) {
        const { consumers } = streamIn(input);
        const limit = optionalInteger(input, "MaxResults", 1, 10_000) ?? 100;
        const after = optionalText(input, "NextToken");
        const start = after === undefined ? 0 : consumers.findIndex(({ name }) => name === after) + 1;
        const page = consumers.slice(start, start + limit);
        return {
          Consumers: page.map(describeConsumer),
          ...(start + limit < consumers.length ? { NextToken: page.at(-1)?.name } : {}),
        };
      },
    }),

    DeregisterStreamConsumer: operation<Input, void>({
      access: onConsumer("DeregisterStreamConsumer"),
      async run(input) {
        const { stream, consumer } = find(input);
        await store.put({ ...stream, consumers: stream.consumers.filter((one) => one !== consumer) });
      },
    }),
  };
}
