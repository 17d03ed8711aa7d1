/** One execution environment: a process that runs one invocation at a time. */
import type { Readable } from "node:stream";
import {
  type Exit,
  exited,
  type Failure,
  failure,
  notLoaded,
  type Outcome,
  timedOut,
  tooLarge,
} from "./failure.ts";
import type { Guard } from "./guard.ts";
import type { Invocation, InvocationResult } from "./invocation.ts";
import { memoryOf, watchMemory } from "./memory.ts";
import { endLine, type LineFormat, reportLine, startLine } from "./platform-lines.ts";
import { startProcess } from "./process.ts";
import { type RuntimeApi, serveRuntimeApi } from "./runtime-api.ts";
import type { Launch } from "./runtimes.ts";

export interface EnvironmentSpec {
  readonly version: string;
  /** Seconds. */
  readonly timeout: number;
  /** MiB. */
  readonly memorySize: number;
  readonly taskRoot: string;
  /** All of the process's environment but the address of its Runtime API. */
  readonly variables: Readonly<Record<string, string>>;
  /** Default: text. */
  readonly logging?: LineFormat;
  /** Milliseconds an environment may take to load the handler; default: ten seconds, or the timeout if that is more. */
  readonly initTimeout?: number;
}

export interface EnvironmentHooks {
  readonly guard: Guard;
  /** A line for the function's log; platform lines (START, END, REPORT) have no stream. */
  line(line: string, requestId: string | undefined, stream: "stdout" | "stderr" | "platform"): void;
  /** It will take no more invocations. */
  ended(): void;
}

export interface Environment {
  readonly pid: number | undefined;
  readonly dead: boolean;
  /**
   * One at a time: the pool sees to it. Gives undefined when the process was gone before the handler saw anything.
   */
  invoke(invocation: Invocation): Promise<InvocationResult | undefined>;
  stop(): Promise<void>;
}

interface Job {
  readonly invocation: Invocation;
  readonly log: string[];
  readonly finish: (result: InvocationResult | undefined) => void;
  readonly cold: boolean;
  began: number;
  timer?: NodeJS.Timeout;
  /** What the runtime reported, while it is not known whether it survives. */
  failure?: Outcome;
}

const INIT_TIMEOUT = 10_000;
const TAIL = 4096;

export async function startEnvironment(
  launch: Launch,
  spec: EnvironmentSpec,
  hooks: EnvironmentHooks,
): Promise<Environment> {
  const lines = spec.logging ?? { format: "Text" };
  let job: Job | undefined;
  let idle = false;
  let dead = false;
  /** Killed, or about to exit: no further invocation may be given to it. */
  let doomed = false;
  let used = false;
  let initMs: number | undefined;
  let initFailure: Failure | undefined;
  let outOfMemory = false;
  let peak = 0;
  let heapExhausted = false;
  const initLog: string[] = [];

  const api: RuntimeApi = await serveRuntimeApi({
    idle() {
      initMs ??= performance.now() - born;
      clearTimeout(initTimer);
      idle = true;
      if (job?.failure) void settle(job, job.failure);
      if (job && job.began === 0) deliver(job);
    },
    initError(error, body) {
      initFailure = { error, payload: body };
      clearTimeout(initTimer);
    },
    response(id, body) {
      if (job?.invocation.requestId === id) void settle(job, { payload: body });
    },
    responseTooLarge(id) {
      if (job?.invocation.requestId === id) void settle(job, tooLarge());
    },
    error(id, error, body) {
      // The answer waits until we know whether the runtime goes on or goes down with its error.
      if (job?.invocation.requestId !== id) return;
      job.failure = { payload: body, error };
      if (idle) void settle(job, job.failure);
    },
    stream(id, contentType, body, done) {
      const current = job;
      if (current?.invocation.requestId !== id) return void body.resume();
      const { onStream } = current.invocation;
      const collected = onStream ? Buffer.alloc(0) : collect(body);
      onStream?.(contentType, body);
      void Promise.all([collected, done]).then(([payload, error]) =>
        settle(
          current,
          error && !onStream ? failure(error) : { error, payload, streamed: onStream !== undefined },
        ),
      );
    },
  });

  const end = Promise.withResolvers<void>();
  const born = performance.now();
  const child = startProcess({
    launch,
    folder: spec.taskRoot,
    variables: { ...spec.variables, AWS_LAMBDA_RUNTIME_API: api.address },
    guard: hooks.guard,
    line(line, stream) {
      if (stream === "stderr" && line.includes("JavaScript heap out of memory")) heapExhausted = true;
      (job ? job.log : initLog).push(line);
      hooks.line(line, job?.invocation.requestId, stream);
    },
    gone(exit) {
      dead = true;
      clearTimeout(initTimer);
      initTimer = undefined;
      stopWatching();
      api.close();
      hooks.ended();
      if (job && job.began === 0 && !job.cold) abandon(job);
      else if (job) finish(job, job.failure ?? afterDeath(job, exit));
      end.resolve();
    },
  });
  const stopWatching = child.pid
    ? watchMemory(
        child.pid,
        spec.memorySize,
        () => !idle,
        (mebibytes) => {
          outOfMemory = true;
          peak = Math.max(peak, mebibytes);
          kill();
        },
      )
    : () => {};
  // Lambda gives up after ten seconds, and loads the handler once more within the function's own timeout.
  const initTimeout = spec.initTimeout ?? Math.max(INIT_TIMEOUT, spec.timeout * 1000);
  let initTimer: NodeJS.Timeout | undefined = setTimeout(() => {
    initFailure = notLoaded(initTimeout / 1000);
    kill();
  }, initTimeout);

  function kill(): void {
    doomed = true;
    child.kill();
  }

  function deliver(current: Job): void {
    idle = false;
    current.began = performance.now();
    start(current);
    const limit = spec.timeout * 1000;
    current.timer = setTimeout(() => timeOut(current), limit);
    api.deliver(current.invocation, Date.now() + limit);
  }

  function start(current: Job): void {
    const id = current.invocation.requestId;
    if (current.cold) current.log.unshift(...initLog.splice(0));
    platform(current, startLine(lines, id, spec.version));
  }

  function platform(current: Job, line: string | undefined): void {
    if (line === undefined) return;
    current.log.push(line);
    hooks.line(line, current.invocation.requestId, "platform");
  }

  function timeOut(current: Job): void {
    const id = current.invocation.requestId;
    const text = `Task timed out after ${spec.timeout.toFixed(2)} seconds`;
    platform(current, `${new Date().toISOString()} ${id} ${text}`);
    finish(current, timedOut(id, text));
    kill();
  }

  /** Ends an invocation once the lines written before its answer have been read. */
  async function settle(current: Job, outcome: Outcome): Promise<void> {
    clearTimeout(current.timer);
    await child.quiet();
    finish(current, outcome);
  }

  /** The process died between two invocations: this one has reached no handler and may go elsewhere. */
  function abandon(current: Job): void {
    job = undefined;
    current.finish(undefined);
  }

  function finish(current: Job, outcome: Outcome): void {
    if (job !== current) return;
    clearTimeout(current.timer);
    child.flush();
    const { requestId } = current.invocation;
    const durationMs = current.began === 0 ? 0 : performance.now() - current.began;
    peak = Math.max(peak, (child.pid && memoryOf(child.pid)) || 0);
    platform(current, endLine(lines, requestId));
    platform(
      current,
      reportLine(lines, {
        requestId,
        durationMs,
        memorySize: spec.memorySize,
        memoryUsed: Math.ceil(peak),
        initMs: current.cold ? initMs : undefined,
        error: outcome.error,
      }),
    );
    job = undefined;
    current.finish({
      requestId,
      payload: outcome.payload,
      ...(outcome.error ? { error: outcome.error } : {}),
      streamed: outcome.streamed ?? false,
      durationMs,
      coldStart: current.cold,
      log: tail(current.log),
    });
  }

  /** What an invocation answers whose process is gone. */
  function afterDeath(current: Job, exit: Exit | undefined): Outcome {
    if (current.began === 0) start(current);
    if (initFailure) return initFailure;
    const memorySize = outOfMemory || heapExhausted ? spec.memorySize : undefined;
    const death = exited(current.invocation.requestId, exit, memorySize);
    platform(current, death.error.errorMessage);
    return death;
  }

  return {
    get pid() {
      return child.pid;
    },
    get dead() {
      return dead || doomed || initFailure !== undefined;
    },
    invoke(invocation) {
      return new Promise((finishWith) => {
        job = {
          invocation,
          log: [],
          finish: finishWith,
          cold: !used,
          began: 0,
        };
        used = true;
        if (dead && !job.cold) abandon(job);
        else if (dead) finish(job, afterDeath(job, undefined));
        else if (idle) deliver(job);
      });
    },
    async stop() {
      if (!dead) kill();
      await end.promise;
    },
  };
}

async function collect(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of body) chunks.push(chunk as Buffer);
  } catch {
    // How the stream ended is told apart from what it carried.
  }
  return Buffer.concat(chunks);
}

function tail(lines: readonly string[]): string {
  const text = Buffer.from(`${lines.join("\n")}\n`);
  return (text.length > TAIL ? text.subarray(text.length - TAIL) : text).toString();
}
