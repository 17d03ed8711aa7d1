/** Receiving: choosing messages, hiding them for their visibility timeout, moving poisoned ones away. */

import { attemptLifetime } from "./attempts.ts";
import { parseRedriveAllowPolicy } from "./attributes.ts";
import { invalidParameter, invalidValue, noSuchQueue, overLimit } from "./errors.ts";
import { type Input, integer, text, texts } from "./input.ts";
import { attributesMd5, selectAttributes } from "./message-attributes.ts";
import type { MessageAttributes, Queue, StoredMessage } from "./model.ts";
import { receiptHandle } from "./receipt.ts";
import { sequenceNumber } from "./send.ts";
import type { SqsState } from "./state.ts";

function candidates(state: SqsState, queue: Queue, now: number, limit: number): StoredMessage[] {
  if (!queue.settings.fifo) return state.messages.visible(queue.id, now, limit);
  const found: StoredMessage[] = [];
  for (const id of state.fifo(queue).candidates(now, limit)) {
    const message = state.messages.get(id);
    if (message) found.push(message);
  }
  return found;
}

/** Takes a message out of its queue, for good. */
export function discard(
  state: SqsState,
  queue: Queue,
  message: Pick<StoredMessage, "id" | "message_group">,
): void {
  if (queue.settings.fifo) state.fifo(queue).remove(message.message_group ?? "", message.id, Date.now());
  state.messages.remove(message.id);
}

/** The queue that takes the messages nobody could handle, if it exists and accepts them from this one. */
function deadLetterQueue(state: SqsState, queue: Queue): Queue | undefined {
  const { redrive } = queue.settings;
  const target = redrive && state.queues.byArn(redrive.deadLetterTargetArn);
  // A queue that were its own would move the same message without end.
  if (!target || target === queue || target.settings.fifo !== queue.settings.fifo) return undefined;
  return acceptsFrom(target, queue.arn) ? target : undefined;
}

export function acceptsFrom(target: Queue, sourceArn: string): boolean {
  const text = target.attributes.RedriveAllowPolicy;
  if (!text) return true;
  const policy = parseRedriveAllowPolicy(text);
  if (policy.redrivePermission === "byQueue") return policy.sourceQueueArns.includes(sourceArn);
  return policy.redrivePermission === "allowAll";
}

/** Moves a message to the end of another queue: must run inside a commit. */
export function transfer(
  state: SqsState,
  from: Queue,
  to: Queue,
  message: StoredMessage,
  change: Partial<StoredMessage>,
  now: number,
): void {
  const group = message.message_group ?? "";
  if (from.settings.fifo) state.fifo(from).remove(group, message.id, now);
  const order = to.settings.fifo ? state.fifo(to) : undefined;
  const id = state.messages.move(message, to.id, { ...change, visible_at: now });
  order?.add(group, id, now, now);
  state.polls.notify(to.id);
}

/** Hands out messages, those found already first: must run inside a commit. */
function take(
  state: SqsState,
  queue: Queue,
  first: readonly StoredMessage[],
  limit: number,
  now: number,
  visibility: number,
): StoredMessage[] {
  const taken: StoredMessage[] = [];
  const deadLetters = deadLetterQueue(state, queue);
  const maximum = deadLetters ? (queue.settings.redrive?.maxReceiveCount ?? 1) : Number.POSITIVE_INFINITY;
  const oldest = now - queue.settings.retention;
  // With a visibility timeout of zero a message stays a candidate: each is handed out once only.
  const seen = new Set<number>();
  let found = first;
  let wanted = limit;
  for (;;) {
    for (const message of found) {
      if (seen.has(message.id)) continue;
      seen.add(message.id);
      if (message.sent <= oldest) {
        discard(state, queue, message);
      } else if (deadLetters && message.receives >= maximum) {
        transfer(state, queue, deadLetters, message, { dead_source: queue.arn }, now);
      } else {
        taken.push(state.messages.received(message, now, now + visibility));
        if (queue.settings.fifo) {
          state.fifo(queue).received(message.message_group ?? "", message.id, now + visibility);
        }
      }
    }
    // As many as were asked for but too few to hand out: some were moved away, and there may be more.
    if (found.length < wanted || taken.length >= limit) return taken;
    wanted = limit - taken.length;
    found = candidates(state, queue, now, wanted);
    if (found.every(({ id }) => seen.has(id))) return taken;
  }
}

function attemptIn(input: Input, queue: Queue): string | undefined {
  const id = text(input, "ReceiveRequestAttemptId");
  if (id === undefined) return undefined;
  if (!queue.settings.fifo) {
    throw invalidParameter("The request include parameter that is not valid for this queue type");
  }
  if (!/^[!-~]{1,128}$/.test(id)) {
    throw invalidValue(
      id.slice(0, 128),
      "ReceiveRequestAttemptId",
      "It takes 1 to 128 letters, digits and punctuation marks",
    );
  }
  return id;
}

/** What an earlier request of that id was given, hidden anew; undefined once any of it was touched since. */
function repeat(
  state: SqsState,
  queue: Queue,
  attemptId: string,
  now: number,
  visibility: number,
): Promise<StoredMessage[]> | undefined {
  const earlier = state.attempts.find(queue.id, attemptId, now);
  if (!earlier) return undefined;
  const messages: StoredMessage[] = [];
  for (const { id, receives, visible_at } of earlier.handed) {
    const message = state.messages.get(id);
    if (message?.queue !== queue.id || message.receives !== receives) return undefined;
    if (message.visible_at !== visible_at || visible_at <= now) return undefined;
    messages.push({ ...message, visible_at: now + visibility });
  }
  return state.commit.write(() => {
    for (const { id, message_group, visible_at } of messages) {
      state.messages.reschedule(id, visible_at);
      state.fifo(queue).reschedule(message_group ?? "", id, visible_at, now);
    }
    state.attempts.remember(queue.id, attemptId, earlier.until, messages);
    return messages;
  });
}

function render(
  message: StoredMessage,
  queue: Queue,
  system: ReadonlySet<string>,
  custom: readonly string[],
) {
  const attributes: Record<string, string> = {};
  const all = system.has("All");
  const tell = (name: string, value: string | null | undefined) => {
    if (value !== null && value !== undefined && (all || system.has(name))) attributes[name] = value;
  };
  if (system.size > 0) {
    tell("SenderId", message.sender);
    tell("ApproximateFirstReceiveTimestamp", String(message.first_received));
    tell("ApproximateReceiveCount", String(message.receives));
    tell("SentTimestamp", String(message.sent));
    tell("MessageGroupId", message.message_group);
    tell("AWSTraceHeader", message.trace);
    tell("DeadLetterQueueSourceArn", message.dead_source);
    if (queue.settings.fifo) {
      tell("MessageDeduplicationId", message.dedup);
      tell("SequenceNumber", sequenceNumber(message.id));
    }
  }
  const selected = message.attributes
    ? selectAttributes(JSON.parse(message.attributes) as MessageAttributes, custom)
    : undefined;
  return {
    MessageId: message.message_id,
    ReceiptHandle: receiptHandle(message),
    MD5OfBody: message.body_md5,
    Body: message.body,
    Attributes: Object.keys(attributes).length > 0 ? attributes : undefined,
    MD5OfMessageAttributes: attributesMd5(selected),
    MessageAttributes: selected,
  };
}

export async function receiveMessage(state: SqsState, input: Input) {
  const queue = state.queue(input);
  const limit = integer(input, "MaxNumberOfMessages", 1, 10) ?? 1;
  const seconds = integer(input, "WaitTimeSeconds", 0, 20);
  const wait = seconds === undefined ? queue.settings.wait : seconds * 1000;
  const timeout = integer(input, "VisibilityTimeout", 0, 43_200);
  const system = new Set([...texts(input, "AttributeNames"), ...texts(input, "MessageSystemAttributeNames")]);
  const custom = texts(input, "MessageAttributeNames");
  const attemptId = attemptIn(input, queue);

  function attempt(): Promise<StoredMessage[]> | undefined {
    const now = Date.now();
    const { settings } = queue;
    const visibility = timeout === undefined ? settings.visibility : timeout * 1000;
    const repeated = attemptId && repeat(state, queue, attemptId, now, visibility);
    if (repeated) return repeated;
    const room = state.inFlight.room(queue.id, now);
    // Long polls wait for room, and FIFO queues have nothing to give until there is some.
    if (room === 0 && wait === 0 && !settings.fifo) throw overLimit();
    const most = Math.min(limit, room);
    const found = most === 0 ? [] : candidates(state, queue, now, most);
    if (found.length === 0) return undefined;
    let taken: StoredMessage[] = [];
    const written = state.commit.write(() => {
      taken = take(state, queue, found, most, now, visibility);
      state.inFlight.handedOut(queue.id, taken.length);
      if (attemptId && taken.length > 0) {
        state.attempts.remember(queue.id, attemptId, now + attemptLifetime, taken);
      }
      return taken;
    });
    // Everything found was moved away: there is nothing for this receiver yet.
    return taken.length > 0 ? written : undefined;
  }

  let messages = attempt();
  if (!messages && wait > 0) {
    messages = state.polls.wait(queue.id, wait, attempt).then((found) => found ?? []);
  }
  const found = (await messages) ?? [];
  if (found.length === 0 && state.queues.get(queue.name) !== queue) throw noSuchQueue();
  return found.length > 0 ? { Messages: found.map((message) => render(message, queue, system, custom)) } : {};
}
