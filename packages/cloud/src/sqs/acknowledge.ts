/** What a receiver does with a message it holds: delete it, or change for how long it stays hidden. */
import { AwsError } from "../error.ts";
import { invalidParameter, invalidReceipt, invalidValue, missing } from "./errors.ts";
import { type Input, integer, requiredText } from "./input.ts";
import type { Queue, StoredMessage } from "./model.ts";
import { parseReceipt, type Receipt } from "./receipt.ts";
import { discard } from "./receive.ts";
import type { SqsState } from "./state.ts";

const longest = 43_200;

function readReceipt(queue: Queue, input: Input): { receipt: Receipt; handle: string } {
  const handle = requiredText(input, "ReceiptHandle");
  const receipt = parseReceipt(handle);
  if (receipt.queue !== queue.id) throw invalidReceipt();
  return { receipt, handle };
}

function find(state: SqsState, queue: Queue, receipt: Receipt): StoredMessage | undefined {
  const message = state.messages.get(receipt.message);
  return message?.queue === queue.id && message.message_id === receipt.messageId ? message : undefined;
}

/**
 * Prepares a deletion; the result runs inside a commit. A standard queue takes any handle the message ever had, so
 * that a late deletion still counts; a FIFO queue only that of a message still in flight.
 */
export function deletion(state: SqsState, queue: Queue, input: Input): () => void {
  const { receipt, handle } = readReceipt(queue, input);
  return () => {
    const message = find(state, queue, receipt);
    if (!message) return;
    if (queue.settings.fifo && (message.receives !== receipt.receives || message.visible_at <= Date.now())) {
      throw invalidValue(handle, "ReceiptHandle", "The receipt handle has expired");
    }
    discard(state, queue, message);
    if (queue.settings.fifo) state.polls.notify(queue.id);
  };
}

/** Prepares a change of visibility; the result runs inside a commit. */
export function visibilityChange(state: SqsState, queue: Queue, input: Input): () => void {
  const { receipt, handle } = readReceipt(queue, input);
  const seconds = integer(input, "VisibilityTimeout", 0, longest);
  if (seconds === undefined) throw missing("VisibilityTimeout");
  return () => {
    const now = Date.now();
    const message = find(state, queue, receipt);
    if (!message) {
      throw invalidValue(
        handle,
        "ReceiptHandle",
        "Message does not exist or is not available for visibility timeout change",
      );
    }
    if (message.visible_at <= now || message.receives === 0) {
      throw new AwsError("MessageNotInflight", "The specified message isn't in flight.");
    }
    if (message.receives !== receipt.receives && queue.settings.fifo) {
      throw invalidValue(handle, "ReceiptHandle", "The receipt handle has expired");
    }
    const until = now + seconds * 1000;
    if (
      message.first_received !== null &&
      message.receives === 1 &&
      until - message.first_received > longest * 1000
    ) {
      throw invalidParameter(
        `Total VisibilityTimeout for the message is beyond the limit [${longest} seconds]`,
      );
    }
    state.messages.reschedule(message.id, until);
    if (queue.settings.fifo)
      state.fifo(queue).reschedule(message.message_group ?? "", message.id, until, now);
    state.polls.notify(queue.id);
  };
}
