import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { BowlineError } from "../error.ts";
import type { ObjectKind } from "./access.ts";
import { keptRoles } from "./aws-role.ts";
import { type Clock, cronClock } from "./clock.ts";
import { openFronts } from "./fronts.ts";
import type { WorkersHostOptions } from "./host-options.ts";
import { leftoverRuntime } from "./leftover.ts";
import { inSource } from "./log.ts";
import type { CronObject, ScriptObject } from "./objects.ts";
import { notEmulated, runtimeOptions } from "./options.ts";
import { R2_S3 } from "./r2-s3/options.ts";
import { openRegistry, type Registry } from "./registry.ts";
import { RuntimeFailure, workersRuntime } from "./runtime.ts";

/** What is deployed, and what runs of it. */
export interface Deployments {
  readonly registry: Registry;
  /** Resolves when the change is live; what does not start is taken back. */
  put(kind: ObjectKind, id: string, object: object): Promise<void>;
  delete(kind: ObjectKind, id: string): Promise<void>;
  replaceCode(scriptName: string, file: string): Promise<void>;
  url(scriptName: string): Promise<string>;
  /** Runs a Worker's `scheduled` now. */
  scheduled(scriptName: string, cron: string): Promise<void>;
  /** Has what is deployed run; whoever calls a Worker has it run as well. */
  start(): void;
  stop(): Promise<void>;
}

interface Change {
  readonly kind: ObjectKind;
  readonly id: string;
  /** Known once it is made. */
  before: object | undefined;
  readonly after: object | undefined;
  readonly done: PromiseWithResolvers<void>;
}

const KINDS: readonly ObjectKind[] = ["r2", "kv", "d1", "queue", "consumer", "script", "cron", "token"];

/** The kinds whose change the runtime has to know of; a bucket is there when it is bound. */
const RUNTIME_KINDS: ReadonlySet<ObjectKind> = new Set(["script", "consumer", "queue", "token"]);

export async function openDeployments(options: WorkersHostOptions): Promise<Deployments> {
  const registry = openRegistry(join(options.folder, "objects"), options.key);
  const data = join(options.folder, "data");
  const scriptOf = (worker: string | undefined) =>
    registry.list<ScriptObject>("script").find(({ consumer }) => consumer === worker);
  const runtime = workersRuntime(options.root, (line) =>
    options.onLine({ ...line, line: inSource(line.line, options.root, scriptOf(line.worker)?.file) }),
  );
  const fronts = openFronts(options.folder, options.onWarning, (scriptName) => {
    start();
    return runtime.port(scriptName);
  });
  const clock: Clock = cronClock((scriptName, cron, time) => {
    void runtime.scheduled(scriptName, cron, time).catch(() => undefined);
  });
  const roles = keptRoles(options.role);
  const leftover = leftoverRuntime(options.folder);
  leftover.end();
  let waiting: Change[] = [];
  let working = false;

  let started = false;

  /** A command that only deploys, and finds nothing to change, has no use for a runtime. */
  function start(): void {
    if (started || (registry.list("script").length === 0 && registry.list("token").length === 0)) return;
    apply().catch((cause: Error) => options.onWarning(`The Workers do not start: ${cause.message}`));
  }

  const apply = () => {
    started = true;
    return runtime
      .apply((absent) => runtimeOptions(registry, data, roles.environment, absent))
      .then(() => leftover.remember());
  };
  const set = ({ kind, id }: Change, object: object | undefined) =>
    object === undefined ? registry.delete(kind, id) : registry.put(kind, id, object);

  function make(change: Change): void {
    change.before = registry.get(change.kind, change.id);
    set(change, change.after);
  }

  /** Changes that come together, or while the runtime is being started anew, become live with one start. */
  async function work(): Promise<void> {
    if (working) return;
    working = true;
    await Promise.resolve();
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      for (const change of batch) make(change);
      try {
        await apply();
        for (const change of batch) change.done.resolve();
      } catch (cause) {
        await applyEach(batch, cause);
      }
    }
    working = false;
  }

  /** Finds out which of several changes does not start, takes that one back, and has the rest live. */
  async function applyEach(batch: readonly Change[], cause: unknown): Promise<void> {
    for (const change of batch.toReversed()) set(change, change.before);
    for (const change of batch.length > 1 ? batch : []) {
      make(change);
      try {
        await apply();
        change.done.resolve();
      } catch (own) {
        set(change, change.before);
        change.done.reject(explained(options.root, change, own));
      }
    }
    for (const change of batch) change.done.reject(explained(options.root, change, cause));
    await apply().catch(() => undefined);
  }

  async function changed(kind: ObjectKind, id: string, after: object | undefined): Promise<void> {
    const change: Change = {
      kind,
      id,
      before: undefined,
      after,
      done: Promise.withResolvers<void>(),
    };
    // What is removed while nothing runs needs no runtime to be removed from.
    if (!RUNTIME_KINDS.has(kind) || (after === undefined && !started)) return make(change);
    waiting.push(change);
    void work();
    await change.done.promise;
  }

  /** The last resource that goes takes what was stored along. */
  async function removeData(): Promise<void> {
    await runtime.stop();
    started = false;
    rmSync(data, { recursive: true, force: true });
  }

  /** What the objects of a class held goes with the class. */
  function removeObjects(before: ScriptObject | undefined, after: ScriptObject): void {
    const kept = new Set(Object.values(after.classes ?? {}));
    for (const key of Object.values(before?.classes ?? {})) {
      if (!kept.has(key)) rmSync(join(data, "do", key), { recursive: true, force: true });
    }
  }

  function tellNotEmulated({ scriptName, bindings, consumer = scriptName }: ScriptObject): void {
    for (const { name, type } of notEmulated(bindings)) {
      options.onWarning(
        `${consumer}: env.${name} (${type}) needs Cloudflare itself, and is not there on this machine.`,
      );
    }
  }

  const scripts = registry.list<ScriptObject>("script");
  for (const script of scripts) tellNotEmulated(script);
  for (const { scriptName, crons } of registry.list<CronObject>("cron")) clock.set(scriptName, crons);
  return {
    registry,
    async put(kind, id, object) {
      if (kind === "script") {
        tellNotEmulated(object as ScriptObject);
        roles.forget();
      }
      const before = registry.get<ScriptObject>(kind, id);
      await changed(kind, id, object);
      if (kind === "script") removeObjects(before, object as ScriptObject);
      if (kind === "cron") clock.set(id, (object as CronObject).crons);
    },
    async delete(kind, id) {
      if (kind === "cron") clock.set(id, []);
      if (kind === "script") await fronts.close(id);
      if (registry.get(kind, id) !== undefined) await changed(kind, id, undefined);
      if (kind === "token" && registry.list("token").length === 0) await fronts.close(R2_S3);
      if (KINDS.every((one) => registry.list(one).length === 0)) await removeData();
    },
    async replaceCode(scriptName, file) {
      const script = registry.get<ScriptObject>("script", scriptName);
      if (!script) throw new Error(`there is no Worker ${scriptName}`);
      const after = { ...script, file, content: readFileSync(file, "utf8") };
      // Other comments, or other lines: what logs point at is new, what runs is not.
      if (after.content === script.content) registry.put("script", scriptName, after);
      else await changed("script", scriptName, after);
    },
    url: (scriptName) => fronts.url(scriptName),
    start,
    scheduled: (scriptName, cron) => runtime.scheduled(scriptName, cron, new Date()),
    async stop() {
      clock.stop();
      await Promise.all([fronts.stop(), runtime.stop()]);
      leftover.forget();
    },
  };
}

/** Why a Worker does not run, in its own words and with its own lines. */
function explained(root: string, change: Change, cause: unknown): unknown {
  if (!(cause instanceof RuntimeFailure) || change.kind !== "script") return cause;
  const { consumer, scriptName, file } = change.after as ScriptObject;
  const words = cause.message
    .split("\n")
    .map((line) => inSource(line.replace(/^service core:user:\S+: /, ""), root, file));
  return new BowlineError("worker-failed", `${consumer ?? scriptName} does not start: ${words.join("\n")}`, {
    hint: "What stands outside of its handlers runs when it is started.",
    exitCode: 1,
    cause,
  });
}
