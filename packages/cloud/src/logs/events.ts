/** Log streams and the events in them. */
import { AwsError } from "../error.ts";
import { type Hub, type Operation, operation } from "../service.ts";
import { compileFilter } from "./filter.ts";
import { findGroup } from "./groups.ts";
import { sendHeldBack } from "./held-back.ts";
import {
  access,
  groupArn,
  groupOf,
  type Input,
  invalid,
  limitOf,
  notFound,
  optionalNumber,
  optionalText,
  page,
  text,
} from "./input.ts";
import type { LogEvent, LogStore, LogStream } from "./store.ts";

const hour = 3600 * 1000;
const oldest = 14 * 24 * hour;
const newest = 2 * hour;
const batchBytes = 1_048_576;
const batchEvents = 10_000;
const answerEvents = 10_000;

function streamName(input: Input): string {
  const name = text(input, "logStreamName");
  if (name.length > 512 || /[:*]/.test(name))
    throw invalid("A log stream's name has 1 to 512 characters, no : or *.");
  return name;
}

interface NewEvent {
  readonly time: number;
  readonly message: string;
}

function newEvents(input: Input): readonly NewEvent[] {
  const given = input.logEvents;
  if (!Array.isArray(given) || given.length === 0 || given.length > batchEvents) {
    throw invalid(`logEvents must have 1 to ${batchEvents} members.`);
  }
  let bytes = 0;
  let previous = 0;
  return given.map((event: Input) => {
    const time = optionalNumber(event, "timestamp");
    const message = optionalText(event, "message");
    if (time === undefined || !message) throw invalid("Every log event needs a timestamp and a message.");
    bytes += Buffer.byteLength(message) + 26;
    if (bytes > batchBytes) throw invalid(`Upload too large: more than ${batchBytes} bytes.`);
    if (time < previous)
      throw invalid("Log events in a single PutLogEvents request must be in chronological order.");
    previous = time;
    return { time, message };
  });
}

/** `f/TIME/ID` goes on after an event, `b/TIME/ID` before it. */
function readPosition(token: string | undefined) {
  if (token === undefined) return undefined;
  const match = /^([fb])\/(-?\d+)\/(-?\d+)$/.exec(token);
  if (!match) throw invalid("The specified nextToken is invalid.");
  return { backward: match[1] === "b", beyond: { time: Number(match[2]), id: Number(match[3]) } };
}

export function eventOperations(store: LogStore, hub: Hub): Record<string, Operation> {
  const ofStream = (input: Input) => String(input.logStreamName ?? "");

  function findStream(group: string, name: string): LogStream {
    const stream = store.stream(group, name);
    if (!stream) throw notFound("log stream");
    return stream;
  }

  const shownStream = (group: string, stream: LogStream) => ({
    logStreamName: stream.name,
    creationTime: stream.created,
    firstEventTimestamp: stream.first,
    lastEventTimestamp: stream.last,
    lastIngestionTime: stream.ingested,
    uploadSequenceToken: "0",
    arn: `${groupArn(hub, group)}:log-stream:${stream.name}`,
    storedBytes: 0,
  });

  return {
    CreateLogStream: operation<Input, void>({
      access: access(hub, "CreateLogStream", ofStream),
      run(input) {
        const group = findGroup(store, groupOf(input));
        const name = streamName(input);
        if (store.stream(group.name, name)) {
          throw new AwsError("ResourceAlreadyExistsException", "The specified log stream already exists");
        }
        store.addStream(group.name, name);
      },
    }),
    DeleteLogStream: operation<Input, void>({
      access: access(hub, "DeleteLogStream", ofStream),
      run(input) {
        const group = findGroup(store, groupOf(input));
        store.deleteStream(group.name, findStream(group.name, text(input, "logStreamName")).name);
      },
    }),
    DescribeLogStreams: operation<Input, unknown>({
      access: access(hub, "DescribeLogStreams"),
      async run(input) {
        await sendHeldBack(hub);
        const group = findGroup(store, groupOf(input)).name;
        const prefix = optionalText(input, "logStreamNamePrefix") ?? "";
        const byTime = optionalText(input, "orderBy") === "LastEventTime";
        if (byTime && prefix) throw invalid("Cannot order by LastEventTime with a logStreamNamePrefix.");
        const found = store.streams(group).filter(({ name }) => name.startsWith(prefix));
        if (byTime) found.sort((a, b) => (a.last ?? 0) - (b.last ?? 0));
        if (input.descending === true) found.reverse();
        const { items, nextToken } = page(input, found, limitOf(input, 50, 50));
        return { logStreams: items.map((stream) => shownStream(group, stream)), nextToken };
      },
    }),
    PutLogEvents: operation<Input, unknown>({
      access: access(hub, "PutLogEvents", ofStream),
      async run(input) {
        const group = findGroup(store, groupOf(input));
        const stream = findStream(group.name, text(input, "logStreamName"));
        const events = newEvents(input);
        const now = Date.now();
        const kept = events.filter(({ time }) => time >= now - oldest && time <= now + newest);
        if (kept.length > 0) await store.append(group.name, stream.name, kept);
        const old = events.filter(({ time }) => time < now - oldest).length;
        const tooNew = events.findIndex(({ time }) => time > now + newest);
        const rejected = {
          tooOldLogEventEndIndex: old > 0 ? old : undefined,
          tooNewLogEventStartIndex: tooNew >= 0 ? tooNew : undefined,
        };
        return {
          nextSequenceToken: "0",
          rejectedLogEventsInfo: kept.length < events.length ? rejected : undefined,
        };
      },
    }),
    GetLogEvents: operation<Input, unknown>({
      access: access(hub, "GetLogEvents", ofStream),
      async run(input) {
        await sendHeldBack(hub);
        const group = findGroup(store, groupOf(input));
        const stream = findStream(group.name, text(input, "logStreamName"));
        const token = optionalText(input, "nextToken");
        const position = readPosition(token);
        const events = store.read({
          group: group.name,
          streams: [stream.name],
          from: optionalNumber(input, "startTime"),
          to: optionalNumber(input, "endTime"),
          beyond: position?.beyond,
          backward: position ? position.backward : input.startFromHead !== true,
          limit: limitOf(input, answerEvents, answerEvents),
        });
        const at = (event: LogEvent) => `${event.time}/${event.id}`;
        const first = events[0];
        const last = events.at(-1);
        // At an end a reader gets the token it came with, which is how it knows.
        const here = position ? `${position.beyond.time}/${position.beyond.id}` : "0/0";
        return {
          events: events.map(({ time, message, ingested }) => ({
            timestamp: time,
            message,
            ingestionTime: ingested,
          })),
          nextForwardToken: `f/${last ? at(last) : here}`,
          nextBackwardToken: `b/${first ? at(first) : here}`,
        };
      },
    }),
    FilterLogEvents: operation<Input, unknown>({
      access: access(hub, "FilterLogEvents"),
      async run(input) {
        await sendHeldBack(hub);
        const group = findGroup(store, groupOf(input)).name;
        const matches = compileFilter(optionalText(input, "filterPattern"));
        const limit = limitOf(input, answerEvents, answerEvents);
        const names = input.logStreamNames;
        if (names !== undefined && !Array.isArray(names)) throw invalid("logStreamNames must be a list.");
        const query = {
          group,
          streams: names?.map(String),
          streamPrefix: optionalText(input, "logStreamNamePrefix"),
          from: optionalNumber(input, "startTime"),
          // Unlike GetLogEvents, this one includes its end.
          to: (optionalNumber(input, "endTime") ?? Number.MAX_SAFE_INTEGER - 1) + 1,
          limit: answerEvents,
        };
        const found: LogEvent[] = [];
        let beyond = readPosition(optionalText(input, "nextToken"))?.beyond;
        for (;;) {
          const batch = store.read({ ...query, beyond });
          for (const event of batch) {
            if (!matches(event.message)) continue;
            if (found.length === limit) {
              const last = found.at(-1);
              return { ...shownEvents(found), nextToken: `f/${last?.time}/${last?.id}` };
            }
            found.push(event);
          }
          beyond = batch.at(-1);
          if (batch.length < answerEvents) return shownEvents(found);
        }
      },
    }),
  };
}

function shownEvents(events: readonly LogEvent[]) {
  return {
    events: events.map(({ id, stream, time, ingested, message }) => ({
      logStreamName: stream,
      timestamp: time,
      message,
      ingestionTime: ingested,
      eventId: String(id).padStart(56, "0"),
    })),
    searchedLogStreams: [],
  };
}
