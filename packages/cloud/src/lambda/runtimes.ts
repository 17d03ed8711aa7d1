/** Which program runs a function of a given runtime. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** Where interpreters are, when the defaults are not what a developer wants. */
export interface RuntimeOptions {
  readonly python?: {
    /** A path or a command; otherwise the version the function asks for, then `python3`. */
    readonly interpreter?: string;
    /** Folders behind the function's own on `sys.path`: where boto3 is, for example. */
    readonly path?: readonly string[];
  };
  readonly node?: {
    /** `node_modules` folders behind the function's own: where the AWS SDK is, for example. */
    readonly path?: readonly string[];
  };
}

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
}

/** No program on this machine can run the function. */
export class InterpreterNotFound extends Error {
  override readonly name = "Runtime.InterpreterNotFound";
}

const NODE_BOOTSTRAP = bootstrap("node.mjs");
const PYTHON_BOOTSTRAP = bootstrap("python.py");
const run = promisify(execFile);
const known = new Map<string, Promise<Python | undefined>>();

/** Whether the local cloud can run functions of this runtime at all. */
export function isSupportedRuntime(runtime: string): boolean {
  return /^(nodejs\d+\.x|python3\.\d+|provided(\.al2(023)?)?)$/.test(runtime);
}

export async function launchOf(
  spec: { readonly runtime: string; readonly memorySize: number; readonly taskRoot: string },
  options: RuntimeOptions,
): Promise<Launch> {
  if (spec.runtime.startsWith("nodejs")) {
    return { command: process.execPath, args: [...nodeFlags(spec.memorySize), NODE_BOOTSTRAP] };
  }
  if (spec.runtime.startsWith("python")) {
    const executable = await findPython(spec.runtime, options.python?.interpreter);
    return { command: executable, args: ["-u", "-s", PYTHON_BOOTSTRAP] };
  }
  return { command: `${spec.taskRoot}/bootstrap`, args: [] };
}

/** The bootstraps lie beside this file in the source and in the built package alike. */
function bootstrap(file: string): string {
  const beside = new URL(`./bootstrap/${file}`, import.meta.url);
  const built = new URL(`./lambda/bootstrap/${file}`, import.meta.url);
  return fileURLToPath(existsSync(beside) ? beside : built);
}

/** The heap is most of a function's memory; what is left is for buffers and the interpreter itself. */
function nodeFlags(memorySize: number): string[] {
  return [`--max-old-space-size=${Math.max(32, Math.floor(memorySize * 0.9))}`, "--no-warnings"];
}

interface Python {
  readonly executable: string;
  readonly version: string;
}

async function findPython(runtime: string, preferred: string | undefined): Promise<string> {
  const candidates = preferred ? [preferred] : [runtime, "python3", "python"];
  for (const candidate of candidates) {
    const found = await askPython(candidate);
    if (found) return found.executable;
  }
  throw new InterpreterNotFound(
    `No Python interpreter for ${runtime}: looked for ${candidates.join(", ")} on PATH. ` +
      `Install Python, or name one with startCloud({ runtimes: { python: { interpreter } } }).`,
  );
}

/** Asks for the real path, because a version manager's shim in between would add 100 ms to every cold start. */
function askPython(candidate: string): Promise<Python | undefined> {
  const asked = known.get(candidate);
  if (asked) return asked;
  const script = "import sys; print(sys.executable); print('%d.%d' % sys.version_info[:2])";
  const answer = run(candidate, ["-c", script], { timeout: 10_000 }).then(
    ({ stdout }) => {
      const [executable = "", version = ""] = stdout.trim().split(/\r?\n/);
      return Number(version.split(".")[0]) >= 3 ? { executable, version } : undefined;
    },
    () => undefined,
  );
  known.set(candidate, answer);
  // An interpreter that is missing now may be installed before the next invocation.
  void answer.then((found) => found ?? known.delete(candidate));
  return answer;
}
