/** One run over one stack: what was there, what the program asked for so far, and what was done about it. */

import { createHmac } from "node:crypto";
import {
  createEmitter,
  type EventBody,
  type Op,
  type PropertyDiff,
  type StepMetadata,
  stepState,
} from "./events.ts";
import { createGate, type Gate } from "./gate.ts";
import type { Goal } from "./goal.ts";
import { createHandlers, type Handlers } from "./handlers.ts";
import { NEVER } from "./never.ts";
import type { Diagnostic, EngineOptions, Step } from "./options.ts";
import { OutcomeUnknownError, type Properties, type ResourceContext } from "./provider.ts";
import type { Sdk } from "./sdk.ts";
import type { PendingOperation } from "./state/checkpoint.ts";
import type { Changes, Ledger } from "./state/ledger.ts";
import type { ResourceState } from "./state/resource.ts";
import { selectTargets, type Targets } from "./targets.ts";
import { isDefaultProvider, parseProviderRef, parseUrn, type Urn } from "./urn.ts";
import { unwrapProperties } from "./values/wire.ts";

export const DEFAULT_PARALLEL = 64;

/** One thing done to one resource, as events and results tell it. */
export interface StepReport {
  readonly op: Op;
  readonly old?: ResourceState | undefined;
  readonly new?: ResourceState | undefined;
  /** Counts as a change of its own; the halves of a replacement do not. */
  readonly logical?: boolean;
  readonly keys?: readonly string[];
  readonly diffs?: readonly string[];
  readonly notEmulated?: boolean;
}

export class Deployment {
  readonly options: EngineOptions;
  readonly preview: boolean;
  readonly cwd: string;
  readonly ledger: Ledger;
  readonly handlers: Handlers;
  readonly gate: Gate;
  readonly targets: Targets;
  readonly forcedReplacements: Targets;
  /** What the last run left, by URN. */
  readonly olds = new Map<Urn, ResourceState>();
  /** Replaced by an earlier or by this run, still to be deleted. */
  readonly doomed = new Set<ResourceState>();
  /** What this run has registered. */
  readonly news = new Map<Urn, ResourceState>();
  /** URNs this run has begun to register, whether they got there or not. */
  readonly registering = new Set<Urn>();
  /** URNs of `olds` that this run has taken over, perhaps under a new name. */
  readonly claimed = new Set<Urn>();
  /** From the URN an old resource had to the one it has now. */
  readonly renamed = new Map<Urn, Urn>();
  readonly replaced = new Set<Urn>();
  /** Deleted ahead of its replacement, by URN, and the properties at fault. */
  readonly condemned = new Map<Urn, readonly string[]>();
  readonly deleted = new Set<Urn>();
  /** Asked for, but not created, because it is not a target. */
  readonly skipped = new Set<Urn>();
  /** Interrupted in a former run, to be updated whatever the diff says. */
  readonly suspect = new Set<Urn>();
  readonly goals = new Map<Urn, Goal>();
  readonly diagnostics: Diagnostic[] = [];
  readonly steps: Step[] = [];
  readonly changes: Partial<Record<Op, number>> = {};
  readonly emit: (body: EventBody) => void;
  rootUrn: Urn = "";
  /** As the program gave them. */
  registeredOutputs: Properties | undefined;
  stackOutputs: Properties = {};
  /** Of creations that were interrupted, and are done again: the same seed gives the same names. */
  readonly resumedSeeds = new Map<Urn, Uint8Array>();
  cancelled = false;
  #failures = 0;
  #inFlight = 0;
  #serving = 0;
  #idle: (() => void)[] = [];

  constructor(options: EngineOptions, preview: boolean, ledger: Ledger, sdk: (() => Sdk) | undefined) {
    this.options = options;
    this.preview = preview;
    this.cwd = options.cwd ?? process.cwd();
    this.ledger = ledger;
    this.handlers = createHandlers(options.providers, options.unknownTypes ?? "fail", sdk);
    this.gate = createGate(options.parallel ?? DEFAULT_PARALLEL);
    this.targets = selectTargets(options);
    this.forcedReplacements = selectTargets({ targets: options.replace ?? [] });
    this.emit = createEmitter(options.onEvent);
    for (const resource of ledger.resources) {
      if (resource.delete) this.doomed.add(resource);
      else this.olds.set(resource.urn, resource);
    }
    this.emit({ preludeEvent: { config: visibleConfig(options) } });
  }

  /** Whether a request of the program is being served. */
  get busy(): boolean {
    return this.#serving > 0 || this.#inFlight > 0;
  }

  /** Serves a request of the program. */
  async serve<T>(work: () => Promise<T>): Promise<T> {
    this.#serving++;
    try {
      return await work();
    } finally {
      this.#serving--;
    }
  }

  get failed(): boolean {
    return this.#failures > 0;
  }

  /** Nothing new may start from here on. */
  cancel(): void {
    if (this.cancelled) return;
    this.cancelled = true;
    this.emit({ cancelEvent: {} });
  }

  report(severity: Diagnostic["severity"], message: string, urn?: Urn): void {
    this.diagnostics.push({ severity, message, ...(urn ? { urn } : {}) });
    if (severity === "error") this.#failures++;
    this.emit({
      diagnosticEvent: { ...(urn ? { urn } : {}), message: `${message}\n`, color: "never", severity },
    });
  }

  /** A resource that could not be brought to where it should be. */
  fail(urn: Urn, op: Op, error: unknown): void {
    const metadata: StepMetadata = { op, urn, type: parseUrn(urn).type, provider: "" };
    this.emit({ resOpFailedEvent: { metadata, status: 1, steps: 0 } });
    this.report("error", messageOf(error), urn);
  }

  announce(report: StepReport): void {
    if (this.options.onEvent && !isInternal(report)) {
      this.emit({ resourcePreEvent: { metadata: metadataOf(report), planning: this.preview } });
    }
  }

  /** A step is done. A component's outputs come later, with their own event. */
  complete(report: StepReport): void {
    if (isInternal(report)) return;
    const subject = report.new ?? report.old;
    if (!subject) return;
    const { op, logical = true, diffs, keys, notEmulated } = report;
    const paths = diffs && diffs.length > 0 ? diffs : keys;
    if (logical) this.changes[op] = (this.changes[op] ?? 0) + 1;
    this.steps.push({
      op,
      urn: subject.urn,
      type: subject.type,
      ...(subject.id ? { id: subject.id } : {}),
      ...(paths && paths.length > 0 ? { keys: paths } : {}),
      ...(notEmulated ? { notEmulated } : {}),
    });
    if (this.options.onEvent && (subject.custom || op === "delete" || op === "refresh")) {
      this.emit({ resOutputsEvent: { metadata: metadataOf(report), planning: this.preview } });
    }
  }

  announceOutputs(resource: ResourceState): void {
    if (!this.options.onEvent) return;
    const old = this.olds.get(resource.urn);
    const metadata = metadataOf({ op: old ? "same" : "create", old, new: resource });
    this.emit({ resOutputsEvent: { metadata, planning: this.preview } });
  }

  /**
   * Runs an operation of a provider: written down before it starts and after it has ended, never more than allowed at
   * once. In a preview nothing runs.
   */
  async operate<T>(
    pending: PendingOperation,
    work: () => Promise<{ value: T; changes: Changes }>,
  ): Promise<T> {
    return this.gate.run(async () => {
      if (this.cancelled) throw new Error("not started: the run was cancelled");
      this.#inFlight++;
      try {
        const operation = await this.ledger.begin(pending);
        let outcome: { value: T; changes: Changes };
        try {
          outcome = await work();
        } catch (error) {
          // It stays pending, and the next run finds out.
          if (!(error instanceof OutcomeUnknownError)) await this.ledger.end(operation, {});
          throw error;
        }
        await this.ledger.end(operation, outcome.changes);
        return outcome.value;
      } finally {
        this.#inFlight--;
        if (this.#inFlight === 0) for (const notify of this.#idle.splice(0)) notify();
      }
    });
  }

  /** Resolves once no operation is in flight. */
  async idle(): Promise<void> {
    if (this.#inFlight > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** The configuration of the provider behind a resource. */
  providerConfig(reference: string | undefined): Properties {
    if (!reference) return {};
    const { urn } = parseProviderRef(reference);
    const provider = this.news.get(urn) ?? this.olds.get(urn);
    return provider ? unwrapProperties(provider.inputs) : {};
  }

  context(resource: ResourceState, signal: AbortSignal = NEVER, replacing?: ResourceState): ResourceContext {
    const { urn, type } = resource;
    const seed = () => this.seed(urn, replacing);
    return {
      urn,
      type,
      name: parseUrn(urn).name,
      project: this.options.project,
      stack: this.options.stack,
      preview: this.preview,
      config: this.providerConfig(resource.provider),
      // Few handlers ask for it.
      get randomSeed() {
        return seed();
      },
      signal,
      log: (severity, message) => this.report(severity, message, urn),
    };
  }

  /**
   * What generated names derive from: the same in a preview and in the run that follows, since both start from the
   * same checkpoint, and another one for a replacement.
   */
  seed(urn: Urn, replacing?: ResourceState): Uint8Array {
    const resumed = this.resumedSeeds.get(urn);
    if (resumed) return resumed;
    const origin = [urn, String(this.ledger.generation), replacing?.id ?? ""].join("\0");
    return createHmac("sha256", this.options.secretsKey).update(origin).digest();
  }
}

export class TimeoutError extends OutcomeUnknownError {}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Default providers come and go with the resources that need them; nobody asked for them. */
function isInternal(report: StepReport): boolean {
  const subject = report.new ?? report.old;
  return subject !== undefined && isDefaultProvider(subject.urn);
}

function metadataOf({ op, old, new: now, keys, diffs, logical, notEmulated }: StepReport): StepMetadata {
  const subject = now ?? old;
  const detailedDiff: Record<string, PropertyDiff> = {};
  for (const path of diffs ?? []) {
    const replaces = keys?.includes(path) || keys?.includes(path.split(/[.[]/)[0] ?? path);
    detailedDiff[path] = { diffKind: replaces ? "update-replace" : "update", inputDiff: true };
  }
  return {
    op,
    urn: subject?.urn ?? "",
    type: subject?.type ?? "",
    ...(old ? { old: stepState(old) } : {}),
    ...(now ? { new: stepState(now) } : {}),
    ...(keys && keys.length > 0 ? { keys } : {}),
    ...(diffs && diffs.length > 0 ? { diffs, detailedDiff } : {}),
    logical: logical ?? true,
    provider: subject?.provider ?? "",
    ...(notEmulated ? { notEmulated } : {}),
  };
}

function visibleConfig(options: EngineOptions): Record<string, string> {
  const secrets = new Set(options.secretConfig);
  return Object.fromEntries(
    Object.entries(options.config ?? {}).map(([key, value]) => [key, secrets.has(key) ? "[secret]" : value]),
  );
}
