/** Deploys an example to an account, calls it, compares it with this machine, and removes it again, whatever happens. */

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type AppCopy, copyExample, HERE, WORKSPACE } from "./app-copy.ts";
import { answersOf } from "./call.ts";
import { bowline, problemsOf, type Ran } from "./command.ts";
import { forget, homeOf, made, type Owner, thereOf } from "./leftovers.ts";
import { type Answer, type Call, comparable, type Proof } from "./proofs.ts";

export interface ProveOptions {
  readonly proof: Proof;
  readonly env: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
  /** Ends what is under way, and removes what was made. */
  readonly signal: AbortSignal;
  /** How the deployed app is reached. */
  readonly fetch?: typeof fetch;
  /** Before the removal: empties what a cloud does not delete while anything is in it. */
  readonly empty?: (resources: Awaited<ReturnType<typeof made>>) => Promise<void>;
}

/** Rejects with what did not hold. What is left then is named. */
export async function prove(options: ProveOptions): Promise<void> {
  const { proof, env, say, signal } = options;
  const owner: Owner = {
    cloud: proof.cloud,
    app: proof.app,
    stage: `p${randomBytes(3).toString("hex")}`,
  };
  using copy = copyExample(proof, { "bowline:proof": owner.stage });
  const step = async (args: readonly string[], more: { signal?: AbortSignal } = { signal }) => {
    say(`bowline ${args.join(" ")}`);
    return bowline(args, { cwd: copy.dir, env, ...more, onLine: (line) => say(`  ${line}`) });
  };
  const inCloud = (...args: string[]) => step([...args, "--stage", owner.stage, "--json"]);

  say("On this machine first");
  const expected = await answersHere(proof, copy, env, signal);
  signal.throwIfAborted();
  try {
    const deployed = succeeded(await inCloud("deploy"));
    signal.throwIfAborted();
    const outputs = deployed.summary.outputs as Readonly<Record<string, string>>;
    const urlOf = ({ output }: Call) => outputs[output] ?? "";
    say(`calling ${[...new Set(proof.calls.map(urlOf))].join(", ")}`);
    const actual = await answersOf(proof.calls, urlOf, { signal, fetch: options.fetch });
    compare(comparable(expected, HERE), comparable(actual, owner.stage));
    say(`  ${actual.length} answers, each as on this machine`);
    const { summary } = succeeded(await inCloud("diff"));
    if (summary.message !== "nothing would change") {
      throw new Error(`A deployment without changes would change something: ${JSON.stringify(summary)}`);
    }
    say("  nothing would change");
  } finally {
    await remove(owner, options, () => step(["remove", "--stage", owner.stage, "--json"], {}));
  }
}

async function answersHere(
  { cloud }: Proof,
  { dir }: AppCopy,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Answer[]> {
  const call = [process.execPath, join(WORKSPACE, "tools/clouds/call.ts"), cloud];
  const ran = await bowline(["run", "--stage", HERE, "--", ...call], { cwd: dir, env, signal });
  if (ran.code !== 0) throw new Error(`On this machine it failed:\n${ran.stdout}`);
  return ran.summary as unknown as Answer[];
}

function succeeded(ran: Ran): Ran {
  if (ran.code !== 0) throw new Error(problemsOf(ran));
  return ran;
}

function compare(expected: readonly Answer[], actual: readonly Answer[]): void {
  const different = actual.filter((answer, index) => !isDeepStrictEqual(answer, expected[index]));
  if (different.length === 0) return;
  const lines = different.map(({ call, status, body }) => {
    const here = expected.find((answer) => answer.call === call);
    return `${call}\n  there: ${status} ${body}\n  here:  ${here?.status} ${here?.body}`;
  });
  throw new Error(`It answers otherwise than on this machine:\n${lines.join("\n")}`);
}

/** Not to be interrupted: what is made is to be removed. */
async function remove(owner: Owner, { say, empty }: ProveOptions, run: () => Promise<Ran>): Promise<void> {
  const home = await homeOf(owner);
  const resources = await made(home, owner);
  // What cannot be seen while it is there is not proved to be gone.
  const seen = await thereOf(resources);
  if (resources.length > 0) {
    await empty?.(resources);
    const removed = await run();
    if (removed.code !== 0) {
      throw new Error(
        `The removal failed; something is left of stage ${owner.stage}: ${problemsOf(removed)}`,
      );
    }
  }
  const left = await thereOf(resources);
  if (left.length > 0) throw new Error(`This is left of stage ${owner.stage}: ${left.join(", ")}`);
  await forget(home, owner);
  say(`  ${seen.length} of ${resources.length} resources were seen to be there, and none is left`);
}
