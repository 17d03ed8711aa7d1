/**
 * Sends what functions and their runtimes write to CloudWatch Logs, as Lambda does: with the permissions of the
 * function's role, and lost when that may not. Lines are sent in batches, beside the invocations they come from.
 */
import { AwsError } from "../error.ts";
import { holdBack } from "../logs/held-back.ts";
import type { Hub } from "../service.ts";
import type { FunctionVersion } from "./model.ts";
import { rolePrincipal } from "./role-principal.ts";

export interface FunctionLogs {
  /** The stream is the environment's. */
  write(target: FunctionVersion, stream: string, line: string): void;
  /** Sends what is held back; no function waits for it. */
  flush(): Promise<void>;
}

/** One log stream, and what is yet to be sent to it. */
interface Lane {
  readonly target: FunctionVersion;
  readonly stream: string;
  lines: { readonly timestamp: number; readonly message: string }[];
  /** Whether the stream is known to be there. */
  made: boolean;
  /** After a refusal nothing is sent for a while. */
  refusedUntil: number;
  lastUsed: number;
}

const SEND_AFTER = 200;
/** Characters held back over all lanes before they are sent at once. */
const HELD_MOST = 4_000_000;
const REFUSED_FOR = 10_000;
const FORGOTTEN_AFTER = 60_000;
/** What one call of PutLogEvents takes; every event counts 26 bytes more than its text. */
const BATCH_EVENTS = 10_000;
const BATCH_BYTES = 1_048_576;
const EVENT_OVERHEAD = 26;
const LONGEST_MESSAGE = 262_144 - EVENT_OVERHEAD;

export function createLogs(hub: Hub): FunctionLogs {
  const lanes = new Map<string, Lane>();
  let held = 0;
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<void> = Promise.resolve();

  function laneOf(target: FunctionVersion, stream: string): Lane {
    const key = `${target.role} ${target.logging.group} ${stream}`;
    let lane = lanes.get(key);
    if (!lane) {
      lane = { target, stream, lines: [], made: false, refusedUntil: 0, lastUsed: 0 };
      lanes.set(key, lane);
    }
    return lane;
  }

  const logs = ({ target, stream }: Lane, operation: string, input: object = {}) =>
    hub.call({
      service: "logs",
      operation,
      input: { logGroupName: target.logging.group, logStreamName: stream, ...input },
      as: rolePrincipal(target, hub.accountId),
    });

  async function makeStream(lane: Lane): Promise<void> {
    try {
      await logs(lane, "CreateLogStream");
    } catch (error) {
      if (codeOf(error) !== "ResourceNotFoundException") throw error;
      await logs(lane, "CreateLogGroup", { logStreamName: undefined }).catch(unlessThere);
      await logs(lane, "CreateLogStream");
    }
  }

  async function put(lane: Lane, logEvents: Lane["lines"]): Promise<void> {
    if (!lane.made) await makeStream(lane).catch(unlessThere);
    lane.made = true;
    try {
      await logs(lane, "PutLogEvents", { logEvents });
    } catch (error) {
      if (codeOf(error) !== "ResourceNotFoundException") throw error;
      // Deleted while the function runs: Lambda makes it anew.
      await makeStream(lane);
      await logs(lane, "PutLogEvents", { logEvents });
    }
  }

  async function send(lane: Lane): Promise<void> {
    const lines = lane.lines;
    lane.lines = [];
    if (lines.length === 0 || Date.now() < lane.refusedUntil) return;
    try {
      for (const batch of batches(lines)) await put(lane, batch);
    } catch (error) {
      // What the role may not write is lost, on AWS as here; the audit log has the refusal.
      lane.refusedUntil = Date.now() + REFUSED_FOR;
      if (!(error instanceof AwsError)) {
        process.emitWarning(`Logs of ${lane.target.name} could not be stored: ${error}`);
      }
    }
  }

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    held = 0;
    sending = sending.then(async () => {
      await Promise.all([...lanes.values()].map(send));
      const old = Date.now() - FORGOTTEN_AFTER;
      for (const [key, lane] of lanes) {
        if (lane.lastUsed < old && lane.lines.length === 0) lanes.delete(key);
      }
    });
    return sending;
  }

  holdBack(hub, () => (held > 0 ? flush() : sending));

  return {
    write(target, stream, line) {
      const lane = laneOf(target, stream);
      const now = Math.max(Date.now(), lane.lastUsed);
      lane.lastUsed = now;
      lane.lines.push({ timestamp: now, message: `${cut(line)}\n` });
      held += line.length + 1;
      if (held >= HELD_MOST) void flush();
      else timer ??= setTimeout(() => void flush(), SEND_AFTER);
    },
    flush,
  };
}

function* batches(lines: Lane["lines"]): Iterable<Lane["lines"]> {
  let batch: Lane["lines"] = [];
  let bytes = 0;
  for (const line of lines) {
    const size = Buffer.byteLength(line.message) + EVENT_OVERHEAD;
    if (batch.length === BATCH_EVENTS || bytes + size > BATCH_BYTES) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(line);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

/** As much of a line as one event takes. */
function cut(line: string): string {
  if (line.length * 3 < LONGEST_MESSAGE) return line;
  const bytes = Buffer.from(line);
  return bytes.length < LONGEST_MESSAGE ? line : bytes.toString("utf8", 0, LONGEST_MESSAGE - 4);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof AwsError ? error.code : undefined;
}

function unlessThere(error: unknown): void {
  if (codeOf(error) !== "ResourceAlreadyExistsException") throw error;
}
