import { AsyncLocalStorage } from "node:async_hooks";
import childProcess, { type ChildProcess, type SpawnOptions } from "node:child_process";
import { EventEmitter } from "node:events";
import { createInterface } from "node:readline";
import { PassThrough, Readable, Writable } from "node:stream";

/**
 * The process that miniflare started. To miniflare it stays the same one, at the same ports, while another that has other
 * code takes its place: that is half of what it takes to give miniflare the whole of its options again.
 */
export interface Workerd {
  /**
   * Starts another with these bytes of its configuration replaced, by as many; false where that cannot be, and nothing has
   * changed. Where the other does not start it fails, and what ran runs again.
   */
  exchange(replacements: readonly Replacement[]): Promise<boolean>;
}

export interface Replacement {
  readonly from: Buffer;
  readonly to: Buffer;
}

/** How long after a start, in milliseconds, the next one is prepared. */
const SETTLED = 200;

const receiver = new AsyncLocalStorage<(workerd: Workerd) => void>();
let takesPart = false;

/** Runs something in which miniflare starts its process, and hands over that process. */
export function withWorkerd<T>(receive: (workerd: Workerd) => void, work: () => T): T {
  takePart();
  return receiver.run(receive, work);
}

/** miniflare has no place of its own where one could take part in how it starts its process. */
function takePart(): void {
  if (takesPart) return;
  takesPart = true;
  const { spawn } = childProcess;
  const partaking = (command: string, args: readonly string[], options: SpawnOptions): ChildProcess => {
    const receive = receiver.getStore();
    if (!receive || args?.[0] !== "serve") return spawn(command, args, options);
    const { process, workerd } = exchangeable((given) => spawn(command, [...given], options), args);
    receive(workerd);
    return process;
  };
  childProcess.spawn = partaking as typeof spawn;
}

function exchangeable(
  start: (args: readonly string[]) => ChildProcess,
  args: readonly string[],
): { readonly process: ChildProcess; readonly workerd: Workerd } {
  const facade = new EventEmitter();
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const ports = new Map<string, number>();
  let config = Buffer.alloc(0);
  let inner = adopted(start(args));
  /** One that is started and waits for its configuration: that much of the next start is done before it is needed. */
  let standby: ChildProcess | undefined;
  let preparing: NodeJS.Timeout | undefined;
  let exchanging = false;
  let ended = false;

  function adopted(child: ChildProcess): ChildProcess {
    child.stdout?.pipe(stdout, { end: false });
    child.stderr?.pipe(stderr, { end: false });
    child.stdin?.on("error", () => undefined);
    child.once("error", (cause) => facade.emit("error", cause));
    child.once("exit", (...how) => {
      if (child === standby) standby = undefined;
      if (child !== inner || exchanging) return;
      end();
      facade.emit("exit", ...how);
    });
    return child;
  }

  function end(): void {
    ended = true;
    clearTimeout(preparing);
    standby?.kill("SIGKILL");
    standby = undefined;
  }

  /** Starting a process holds up this one, which has the first requests to pass on. */
  function prepare(): void {
    standby = undefined;
    clearTimeout(preparing);
    preparing = setTimeout(() => {
      standby = another();
    }, SETTLED);
    preparing.unref();
  }

  const another = () => adopted(start(sameAddresses(args, ports)));

  /** Whether it came to listen wherever the one before did, which has until then to answer what it was asked. */
  async function run(child: ChildProcess, bytes: Buffer): Promise<boolean> {
    const closed = new Promise<false>((resolve) => child.once("close", () => resolve(false)));
    const before = inner;
    inner = child;
    before.kill("SIGTERM");
    child.stdin?.end(bytes);
    const ran = await Promise.race([listens(child, new Set(ports.keys())), closed]);
    before.kill("SIGKILL");
    return ran;
  }

  const stdin = new Writable({
    write(chunk: Buffer, _encoding, done) {
      config = Buffer.concat([config, chunk]);
      done();
    },
    final(done) {
      inner.stdin?.end(config);
      done();
    },
  });
  void follow(controlOf(inner), (socket, port) => ports.set(socket, port));

  const process = Object.assign(facade, {
    stdin,
    stdout,
    stderr,
    stdio: [stdin, stdout, stderr, controlOf(inner)],
    kill(signal?: NodeJS.Signals) {
      end();
      return inner.kill(signal);
    },
  });

  return {
    // Of a process, miniflare uses what is here.
    process: process as unknown as ChildProcess,
    workerd: {
      async exchange(replacements) {
        const next = replaced(config, replacements);
        if (ended || !next) return false;
        exchanging = true;
        try {
          clearTimeout(preparing);
          if (await run(standby ?? another(), next)) {
            config = next;
            return true;
          }
          if (!ended && !(await run(another(), config))) {
            end();
            facade.emit("exit", 1, null);
          }
          throw new Error("The runtime did not start with the new code.");
        } finally {
          exchanging = false;
          if (!ended) prepare();
        }
      },
    },
  };
}

/** The configuration with other bytes, where what they replace is in it once. */
function replaced(config: Buffer, replacements: readonly Replacement[]): Buffer<ArrayBuffer> | undefined {
  const next = Buffer.from(config);
  for (const { from, to } of replacements) {
    const at = config.indexOf(from);
    if (at === -1 || from.length !== to.length || config.indexOf(from, at + 1) !== -1) return undefined;
    next.set(to, at);
  }
  return next;
}

/** The addresses of the first one, so that nobody has to be told of others. */
function sameAddresses(args: readonly string[], ports: ReadonlyMap<string, number>): string[] {
  const others = args.filter((arg) => !arg.startsWith("--socket-addr="));
  const addresses = [...ports].map(([socket, port]) => `--socket-addr=${socket}=127.0.0.1:${port}`);
  // The last one says where the configuration is.
  return [...others.slice(0, -1), ...addresses, ...others.slice(-1)];
}

/** Where it says what it listens to. */
function controlOf(child: ChildProcess): Readable {
  const control = child.stdio[3];
  return control instanceof Readable ? control : Readable.from([]);
}

async function listens(child: ChildProcess, sockets: Set<string>): Promise<true> {
  await follow(controlOf(child), (socket) => {
    sockets.delete(socket);
    return sockets.size === 0;
  });
  // Where it ends before, that is told otherwise.
  return sockets.size === 0 ? true : new Promise(() => undefined);
}

/** Reads on until it is told to stop. */
function follow(control: Readable, onListen: (socket: string, port: number) => unknown): Promise<void> {
  const lines = createInterface(control);
  lines.on("line", (line) => {
    const { event, socket, port } = JSON.parse(line) as { event: string; socket: string; port: number };
    if (event === "listen" && onListen(socket, port) === true) lines.close();
  });
  return new Promise((resolve) => lines.once("close", resolve));
}
