/**
 * What a killed run was at. Pulumi keeps a creation on record for ever, and makes the resource once more: under another
 * name where names are generated, and what the killed run made is nobody's. Here what exists becomes part of the state
 * before anything else is done, as it does with our own engine; and what was being changed is looked at first.
 */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DeploymentDocument, Properties, ResourceState, State } from "@bowline/engine";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import type { Locate } from "../../providers/locate.ts";
import { plain } from "../manifest.ts";
import { PulumiFailure, type Runner } from "./runner.ts";

type Deployment = DeploymentDocument["deployment"];

export type Interrupted = State["pending"][number];

export interface Settled {
  /** Were being created, and are part of the state now. */
  readonly adopted: readonly string[];
  /** Were being created, and may exist. */
  readonly unknown: readonly string[];
}

/** Takes the record of interrupted operations out of the state, and what creations have left behind into it. */
export async function settleInterrupted(
  stack: Stack,
  { resources, pending }: State,
  locate: Locate,
): Promise<Settled> {
  const found = new Map<string, string>();
  const unknown: string[] = [];
  for (const { resource } of pending.filter(isCreation)) {
    const { urn, type, custom, inputs } = resource;
    // A component, and a provider's configuration, are nowhere but in state.
    if (!custom || type.startsWith("pulumi:")) continue;
    const known = resources.flatMap((other) => (other.type === type && other.id ? [other.id] : []));
    const taken = new Set([...known, ...found.values()]);
    const located = locate(type, plain(inputs) as Properties, taken);
    if (!located) unknown.push(urn);
    const id = (await located)?.id;
    if (id !== undefined) found.set(urn, id);
  }
  await edit(stack, (deployment) => settledState(deployment, found));
  return { adopted: [...found.keys()], unknown };
}

function isCreation({ type }: Interrupted): boolean {
  return type === "creating";
}

/** What it really is, and whether it is still there, is read before anything is compared with it. */
const READ_FIRST = { refreshBeforeUpdate: true };

/** The state without interrupted operations, what was found by its URN in it. */
export function settledState(deployment: Deployment, found: ReadonlyMap<string, string>): Deployment {
  const { resources = [], pending_operations: pending = [] } = deployment;
  const changed = new Set(pending.filter((each) => !isCreation(each)).map(({ resource }) => resource.id));
  const after: (Partial<ResourceState> | undefined)[] = resources.map((resource) =>
    resource.id !== undefined && changed.has(resource.id) ? { ...resource, ...READ_FIRST } : resource,
  );
  for (const { resource: created } of pending.filter(isCreation)) {
    const id = found.get(created.urn);
    const before = resources.findIndex((other) => other.urn === created.urn && !other.delete);
    const known = resources[before];
    if (id === undefined || known?.id === id) continue;
    // What its replacement was to come before, is still there; what had to go first, is gone.
    if (known) after[before] = known.pendingReplacement ? undefined : { ...known, delete: true };
    after.push({ ...created, id, outputs: created.inputs, ...READ_FIRST });
  }
  const left = after.filter((resource) => resource !== undefined) as ResourceState[];
  return { ...deployment, resources: left, pending_operations: [] };
}

/** The CLI's own export and import, in which secrets stay encrypted. */
async function edit(stack: Stack, change: (deployment: Deployment) => Deployment): Promise<void> {
  const { pulumiCommand, workDir, envVars } = stack.workspace;
  const cli = pulumiCommand as unknown as Runner;
  const run = async (args: string[]) => {
    try {
      return await cli.run([...args, "--stack", stack.name], workDir, { ...envVars });
    } catch (cause) {
      throw new PulumiFailure(args.slice(0, 2).join(" "), 1, String(cause));
    }
  };
  const document = JSON.parse((await run(["stack", "export"])).stdout) as DeploymentDocument;
  const folder = await mkdtemp(join(tmpdir(), "bowline-state-"));
  try {
    const file = join(folder, "state.json");
    const edited = { ...document, deployment: change(document.deployment) };
    await writeFile(file, JSON.stringify(edited), { mode: 0o600 });
    await run(["stack", "import", "--file", file]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
