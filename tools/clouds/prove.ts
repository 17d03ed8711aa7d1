/** Deploys an example to an account, calls it, compares it with this machine, and removes it again, whatever happens. */

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type AppCopy, copyExample, HERE, WORKSPACE } from "./app-copy.ts";
import { answersOf } from "./call.ts";
import { bowline, problemsOf } from "./command.ts";
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

/** Rejects with what did not hold; what could not be removed is said then, and how to remove it. */
export async function prove(options: ProveOptions): Promise<void> {
  const { proof, signal } = options;
  const owner: Owner = {
    cloud: proof.cloud,
    app: proof.app,
    stage: `p${randomBytes(3).toString("hex")}`,
  };
  const copy = copyExample(proof, { "bowline:proof": owner.stage });
  let expected: Answer[];
  try {
    options.say("On this machine first");
    expected = await answersHere(copy, options);
    signal.throwIfAborted();
  } catch (cause) {
    copy[Symbol.dispose]();
    throw cause;
  }
  const problems: string[] = [];
  try {
    await deployAndCall(owner, copy, expected, options);
  } catch (cause) {
    problems.push(messageOf(cause));
  }
  try {
    await remove(owner, copy, options);
    copy[Symbol.dispose]();
  } catch (cause) {
    problems.push(
      messageOf(cause),
      `Something may be left. To remove it: cd ${copy.dir} && bowline remove --stage ${owner.stage}`,
    );
  }
  if (problems.length > 0) throw new Error(problems.join("\n"));
}

async function deployAndCall(
  { stage }: Owner,
  copy: AppCopy,
  expected: readonly Answer[],
  { proof, env, say, signal, fetch: send }: ProveOptions,
): Promise<void> {
  const step = async (...args: string[]) => {
    signal.throwIfAborted();
    say(`bowline ${args.join(" ")} --stage ${stage}`);
    const onLine = (line: string) => say(`  ${line}`);
    const ran = await bowline([...args, "--stage", stage, "--json"], { cwd: copy.dir, env, signal, onLine });
    if (ran.code !== 0) throw new Error(problemsOf(ran));
    return ran.summary;
  };
  const outputs = (await step("deploy")).outputs as Readonly<Record<string, string>>;
  const urlOf = ({ output }: Call) => outputs[output] ?? "";
  say(`calling ${[...new Set(proof.calls.map(urlOf))].join(", ")}`);
  const actual = await answersOf(proof.calls, urlOf, { signal, fetch: send });
  compare(comparable(expected, HERE), comparable(actual, stage));
  say(`  ${actual.length} answers, each as on this machine`);
  if (proof.twice) await step("deploy");
  const planned = await step("diff");
  if (planned.message !== "nothing would change") {
    throw new Error(`A deployment without changes would change something: ${JSON.stringify(planned)}`);
  }
  say("  nothing would change");
}

async function answersHere({ dir }: AppCopy, { proof, env, signal }: ProveOptions): Promise<Answer[]> {
  const call = [process.execPath, join(WORKSPACE, "tools/clouds/call.ts"), proof.cloud];
  const ran = await bowline(["run", "--stage", HERE, "--", ...call], { cwd: dir, env, signal });
  if (ran.code !== 0) throw new Error(`On this machine it failed:\n${ran.stdout}`);
  return ran.summary as unknown as Answer[];
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
async function remove(owner: Owner, copy: AppCopy, { env, say, empty }: ProveOptions): Promise<void> {
  const { stage } = owner;
  const home = await homeOf(owner);
  const resources = await made(home, owner);
  // What cannot be seen while it is there is not proved to be gone.
  const seen = await thereOf(resources);
  if (resources.length > 0) {
    await empty?.(resources);
    say(`bowline remove --stage ${stage}`);
    const removed = await bowline(["remove", "--stage", stage, "--json"], { cwd: copy.dir, env });
    if (removed.code !== 0) throw new Error(`The removal failed: ${problemsOf(removed)}`);
  }
  const left = await thereOf(resources);
  if (left.length > 0) throw new Error(`This is left of stage ${stage}: ${left.join(", ")}.`);
  await forget(home, owner);
  say(`  ${seen.length} of ${resources.length} resources were seen to be there, and none is left`);
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
