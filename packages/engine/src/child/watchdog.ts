import { Worker } from "node:worker_threads";

/** Milliseconds between two looks. */
const INTERVAL = 1_000;
/** So often may the process have done nothing, with its parent gone, before it is ended. */
const LOOKS = 5;

/**
 * Ends this process when its parent is gone and it is busy with itself: it would never notice. One that does notice
 * finishes what is in flight and ends by itself.
 */
export function watchParent(): void {
  const beats = new Int32Array(new SharedArrayBuffer(4));
  setInterval(() => Atomics.add(beats, 0, 1), INTERVAL / 2).unref();
  const worker = new Worker(LOOK, {
    eval: true,
    workerData: { beats, parent: process.ppid, interval: INTERVAL, looks: LOOKS },
    execArgv: [],
    env: {},
  });
  // A process that may start no thread does without.
  worker.on("error", () => undefined);
  worker.unref();
}

/** What the thread does. Its `process.ppid` asks the system each time. */
const LOOK = `
const { workerData: { beats, parent, interval, looks } } = require("node:worker_threads");
let still = 0;
let last = -1;
setInterval(() => {
  const now = Atomics.load(beats, 0);
  still = process.ppid !== parent && now === last ? still + 1 : 0;
  last = now;
  if (still >= looks) process.kill(process.pid, "SIGKILL");
}, interval);
`;
