/** One soak: the cloud, everything that loads it, the kills, and the account at the end. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Driver, type Load, openDriver } from "./driver.ts";
import { type Ledger, openLedger } from "./ledger.ts";
import { bus } from "./load/bus.ts";
import { counters } from "./load/counters.ts";
import { eventsToFunctions } from "./load/events-to-functions.ts";
import { fifo } from "./load/fifo.ts";
import { history } from "./load/history.ts";
import { invocations } from "./load/invocations.ts";
import { objects } from "./load/objects.ts";
import { orderedTopic } from "./load/ordered-topic.ts";
import { queue } from "./load/queue.ts";
import { stream } from "./load/stream.ts";
import { topic } from "./load/topic.ts";
import { work } from "./load/work.ts";
import { openObserver } from "./observer.ts";
import { randomOf } from "./random.ts";
import { takeSamples } from "./samples.ts";
import { startVictim, type Victim } from "./victim.ts";

const LOADS: readonly ((driver: Driver) => Promise<Load>)[] = [
  objects,
  counters,
  history,
  stream,
  queue,
  fifo,
  topic,
  orderedTopic,
  bus,
  invocations,
  eventsToFunctions,
  work,
];

/** Milliseconds a worker rests between rounds, at most. */
const REST = 200;
/** Kills fall into this share of the time; the rest shows whether memory stays flat. */
const KILLING = 0.6;
/** From this share of the time on nothing is begun that takes long to end. */
const LATE = 0.9;
/** Seconds after the load in which everything acknowledged must have had its effect. */
const SETTLED_WITHIN = 180;

/** Seconds: longer runs wait longer for what a busy machine holds up. */
const LONG = 300;

export interface SoakReport {
  readonly ledger: Ledger;
  readonly kills: number;
  readonly starts: readonly number[];
  readonly lingered: readonly number[];
  readonly samples: readonly object[];
}

/**
 * @example
 * const { ledger } = await soak(60, 7);
 * console.log(ledger.violations);
 */
export async function soak(seconds: number, seed: number): Promise<SoakReport> {
  const ledger = openLedger();
  const dir = await mkdtemp(join(tmpdir(), "bowline-soak-"));
  const observer = await openObserver((error) => ledger.violation("observer", String(error)));
  const victim = await startVictim(dir, ledger);
  const samples = takeSamples(victim.facts, () => victim.epoch);
  try {
    let over = false;
    const began = performance.now();
    const late = () => performance.now() - began > seconds * LATE * 1000;
    const driver = await openDriver(victim, observer, ledger, seed, seconds < LONG ? 1 : 2, late);
    const loads = await Promise.all(LOADS.map((load) => load(driver)));
    let settled = false;
    const drains = loads.flatMap((load) =>
      (load.drains ?? []).map((round) => repeat(driver, load, round, 0, () => settled)),
    );
    const workers = loads.flatMap((load) =>
      load.workers.map((round, index) => repeat(driver, load, round, index, () => over)),
    );
    const kills = await killNowAndThen(victim, seconds, seed);
    over = true;
    await Promise.all(workers);
    await settle(loads, ledger);
    settled = true;
    await Promise.all(drains);
    await Promise.all(
      loads.map((load) =>
        load
          .check()
          .catch((error: unknown) => ledger.violation(load.name, `the last check failed: ${error}`)),
      ),
    );
    samples.judge(ledger);
    return { ledger, kills, starts: victim.starts, lingered: victim.lingered, samples: samples.table() };
  } finally {
    samples.stop();
    await victim.end();
    observer.close();
    await rm(dir, { recursive: true, force: true });
  }
}

/** Rounds with pauses for workers, without for those that wait for messages anyway. */
async function repeat(
  driver: Driver,
  load: Load,
  round: () => Promise<void>,
  index: number,
  done: () => boolean,
): Promise<void> {
  const random = driver.random(`rests of ${load.name} ${index}`);
  const rests = load.workers.includes(round);
  while (!done()) {
    try {
      await round();
    } catch (error) {
      driver.ledger.violation(load.name, error instanceof Error ? error.message : String(error));
      await sleep(REST);
    }
    // A drain with nothing to wait for lets others have their turn.
    await sleep(rests ? random.below(REST) : 5);
  }
}

/** Lasts for all of the time; gives the number of kills. */
async function killNowAndThen(victim: Victim, seconds: number, seed: number): Promise<number> {
  const random = randomOf(seed, "kills");
  const count = Math.min(10, Math.max(3, Math.round(seconds / 20)));
  const began = performance.now();
  const until = (at: number) => sleep(Math.max(0, at * 1000 - (performance.now() - began)));
  const slot = (seconds * KILLING) / count;
  for (let kill = 0; kill < count; kill++) {
    await until(slot * (kill + (5 + random.below(90)) / 100));
    await victim.killAndRestart();
  }
  await until(seconds);
  return count;
}

/** Waits until nothing acknowledged is without its effect any more; what still is then, is lost. */
async function settle(loads: readonly Load[], ledger: Ledger): Promise<void> {
  const began = performance.now();
  while (loads.some((load) => load.missing().length > 0)) {
    if (performance.now() - began > SETTLED_WITHIN * 1000) {
      for (const load of loads)
        for (const what of load.missing().slice(0, 20)) ledger.violation(load.name, what);
      return;
    }
    await sleep(200);
  }
  ledger.count("cloud", "seconds to settle", Math.round((performance.now() - began) / 1000));
}
