/** The operations on messages. */
import { AwsError } from "../error.ts";
import { type Call, type Operation, operation } from "../service.ts";
import { deletion, visibilityChange } from "./acknowledge.ts";
import { batchEntries, batchFailure, runBatch } from "./batch.ts";
import { withKey } from "./encryption.ts";
import { legacyCode } from "./errors.ts";
import type { Input } from "./input.ts";
import { receiveMessage } from "./receive.ts";
import { place, prepare } from "./send.ts";
import type { SqsState } from "./state.ts";

/** The largest sum of a batch's messages, and of a single message. */
const largestBatch = 1_048_576;

export function messageOperations(state: SqsState): Record<string, Operation> {
  /** The batch forms of an action take the action's own permission. */
  const needs = (action: string) => (input: Input) => [
    { action: `sqs:${action}`, resource: state.arn(input) },
  ];

  return {
    SendMessage: operation({
      access: needs("SendMessage"),
      run(input: Input, call: Call) {
        const queue = state.queue(input);
        const prepared = prepare(queue, input, call);
        return withKey(state, queue, call, "send", () =>
          state.commit.write(() => place(state, queue, prepared)),
        );
      },
    }),
    SendMessageBatch: operation({
      access: needs("SendMessage"),
      run(input: Input, call: Call) {
        const queue = state.queue(input);
        let total = 0;
        const { Successful: prepared, Failed } = runBatch(
          batchEntries(input),
          (entry) => {
            const one = prepare(queue, entry, call);
            total += one.size;
            return one;
          },
          legacyCode,
        );
        if (total > largestBatch) {
          throw new AwsError(
            "BatchRequestTooLong",
            `Batch requests cannot be longer than ${largestBatch} bytes. You have sent ${total} bytes.`,
          );
        }
        return withKey(state, queue, call, "send", () =>
          state.commit.write(() => ({
            Successful: prepared.map((one) => ({ Id: one.Id, ...place(state, queue, one) })),
            Failed,
          })),
        );
      },
    }),
    ReceiveMessage: operation({
      access: needs("ReceiveMessage"),
      run: (input: Input, call: Call) =>
        withKey(state, state.queue(input), call, "receive", () => receiveMessage(state, input)),
    }),
    DeleteMessage: operation({
      access: needs("DeleteMessage"),
      run(input: Input) {
        return state.commit.write(deletion(state, state.queue(input), input));
      },
    }),
    DeleteMessageBatch: operation({
      access: needs("DeleteMessage"),
      run: (input: Input) => acknowledgeBatch(state, input, deletion),
    }),
    ChangeMessageVisibility: operation({
      access: needs("ChangeMessageVisibility"),
      run(input: Input) {
        return state.commit.write(visibilityChange(state, state.queue(input), input));
      },
    }),
    ChangeMessageVisibilityBatch: operation({
      access: needs("ChangeMessageVisibility"),
      run: (input: Input) => acknowledgeBatch(state, input, visibilityChange),
    }),
  };
}

function acknowledgeBatch(state: SqsState, input: Input, prepareOne: typeof deletion) {
  const queue = state.queue(input);
  const { Successful: ready, Failed = [] } = runBatch(
    batchEntries(input),
    (entry) => ({ apply: prepareOne(state, queue, entry) }),
    legacyCode,
  );
  return state.commit.write(() => {
    const Successful: { Id: string }[] = [];
    for (const { Id, apply } of ready) {
      try {
        apply();
        Successful.push({ Id });
      } catch (error) {
        Failed.push(batchFailure(Id, error, legacyCode));
      }
    }
    return { Successful, Failed: Failed.length > 0 ? Failed : undefined };
  });
}
