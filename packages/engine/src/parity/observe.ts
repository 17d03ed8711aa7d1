/** What a run did, in a form in which two engines can be compared: generated ids, names and times left out. */

import type { EngineEvent, Op } from "../events.ts";
import type { Result } from "../options.ts";
import type { PropertyValue } from "../provider.ts";
import type { Run } from "../semantics/case.ts";
import type { MemoryProvider } from "../testing/memory-provider.ts";
import { brief, type Stage } from "../testing/stage.ts";
import { isProviderType, ROOT_TYPE } from "../urn.ts";
import { isSecret, unwrap } from "../values/wire.ts";
import type { PulumiStage } from "./pulumi-stage.ts";

export interface Observed {
  readonly ok: boolean;
  readonly steps: readonly string[];
  /** What the provider was asked to do. */
  readonly asked: readonly string[];
  /** Of what succeeded only: a failed run keeps the outputs of the one before, or none. */
  readonly outputs?: unknown;
  readonly state: Readonly<Record<string, unknown>>;
}

/** What a run printed, to be shown when it is not as the other one. */
export interface Outcome {
  readonly observed: Observed;
  readonly said: string;
}

export async function observeOurs(stage: Stage, run: Run): Promise<Outcome> {
  begin(stage.provider, run);
  const result = await runOurs(stage, run);
  const { resources } = await stage.state();
  const stack = resources.find(({ type }) => type === ROOT_TYPE);
  const outputs = run.do === "preview" ? maskSecrets(result) : (stack?.outputs ?? {});
  return {
    observed: {
      ok: result.ok,
      steps: ordered(run, brief(result)),
      asked: ordered(run, stage.provider.log),
      ...outputsOf(run, result.ok, outputs),
      state: normalState(resources),
    },
    said: result.diagnostics.map(({ severity, message }) => `${severity}: ${message}`).join("\n"),
  };
}

export async function observePulumi(stage: PulumiStage, run: Run): Promise<Outcome> {
  begin(stage.provider, run);
  const { ok, said, events, resources } = await stage.run(run);
  const stack = resources.find(({ type }) => type === ROOT_TYPE);
  const outputs = run.do === "preview" ? plannedOutputs(events) : (stack?.outputs ?? {});
  return {
    observed: {
      ok,
      steps: ordered(run, stepsOf(run, events)),
      asked: ordered(run, stage.provider.log),
      ...outputsOf(run, ok, outputs),
      state: normalState(resources),
    },
    said,
  };
}

function begin(provider: MemoryProvider, run: Run): void {
  run.before?.(provider);
  provider.log.length = 0;
}

function runOurs(stage: Stage, run: Run): Promise<Result> {
  const program = run.program ?? (() => {});
  return run.do === "destroy" || run.do === "refresh"
    ? stage[run.do](run.with)
    : stage[run.do ?? "up"](program, run.with);
}

function outputsOf(run: Run, ok: boolean, outputs: unknown): Pick<Observed, "outputs"> {
  return ok && run.do !== "destroy" ? { outputs: normal(outputs) } : {};
}

/** In the order they came where the case says that there is but one. */
function ordered(run: Run, lines: readonly string[]): string[] {
  const named = lines.map(withoutGenerated);
  return run.ordered ? named : named.sort();
}

/** A step that failed was begun like the others; only its failure tells. */
function stepsOf(run: Run, events: readonly EngineEvent[]): string[] {
  const failed = new Set<string>();
  for (const { resOpFailedEvent } of events)
    if (resOpFailedEvent) failed.add(line(resOpFailedEvent.metadata));
  return events.flatMap(({ resourcePreEvent, resOutputsEvent }) => {
    // What a refresh found is known at its end.
    const step = run.do === "refresh" ? resOutputsEvent : resourcePreEvent;
    if (!step) return [];
    const { metadata } = step;
    if (metadata.type === ROOT_TYPE || isProviderType(metadata.type)) return [];
    return failed.has(line(metadata)) ? [] : [line(metadata)];
  });
}

function line({ op, urn }: { readonly op: Op; readonly urn: string }): string {
  return `${op} ${urn.split("::").slice(3).join("::")}`;
}

function plannedOutputs(events: readonly EngineEvent[]): unknown {
  const told = events.findLast(({ resOutputsEvent }) => resOutputsEvent?.metadata.type === ROOT_TYPE);
  return told?.resOutputsEvent?.metadata.new?.outputs ?? {};
}

function maskSecrets({ outputs, secretOutputs }: Result): unknown {
  const shown = Object.entries(outputs).map(([key, value]) => [
    key,
    secretOutputs.includes(key) ? "[secret]" : value,
  ]);
  return Object.fromEntries(shown);
}

/** Everything that state says about a resource and that a later run acts upon. */
const COMPARED = [
  "custom",
  "id",
  "type",
  "inputs",
  "outputs",
  "parent",
  "provider",
  "dependencies",
  "propertyDependencies",
  "protect",
  "external",
  "retainOnDelete",
  "deletedWith",
  "replaceWith",
  "aliases",
  "ignoreChanges",
  "replaceOnChanges",
  "replacementTrigger",
  "resourceHooks",
  "additionalSecretOutputs",
  "importID",
  "customTimeouts",
  "initErrors",
  "delete",
  "pendingReplacement",
];

function normalState(resources: readonly object[]): Record<string, unknown> {
  const entries = resources.map((resource) => {
    const { urn, ...rest } = resource as { urn: string } & Record<string, unknown>;
    const entry: Record<string, unknown> = {
      ...rest,
      propertyDependencies: filled(rest.propertyDependencies),
    };
    const kept = COMPARED.flatMap((key) => (isEmpty(entry[key]) ? [] : [[key, normal(entry[key])]]));
    const mark = rest.delete ? " (to be deleted)" : "";
    return [`${withoutGenerated(urn)}${mark}`, Object.fromEntries(kept)];
  });
  return Object.fromEntries(entries.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
}

function filled(dependencies: unknown): unknown {
  if (typeof dependencies !== "object" || dependencies === null) return undefined;
  return Object.fromEntries(Object.entries(dependencies).filter(([, urns]) => !isEmpty(urns)));
}

/** Pulumi leaves out what is empty, and writes `false` for some of it. */
function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function normal(value: unknown): unknown {
  if (typeof value === "string") return withoutGenerated(value);
  if (Array.isArray(value)) return value.map(normal);
  if (typeof value !== "object" || value === null) return value;
  if (isSecret(value)) return { secret: normal(unwrap(value as PropertyValue)) };
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(entries.map(([key, inner]) => [withoutGenerated(key), normal(inner)]));
}

/** Names end in a random part, providers have random ids, default providers bear their version. */
function withoutGenerated(text: string): string {
  return text
    .replace(/\b([abc])-[0-9a-f]{7}\b/g, "$1-(generated)")
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, "(id)")
    .replace(/::default(_\d+)*/g, "::default");
}
