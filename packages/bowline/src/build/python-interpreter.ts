import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { BowlineError } from "../error.ts";

const run = promisify(execFile);

export interface Interpreter {
  readonly path: string;
  /** For example `3.12`. */
  readonly version: string;
}

const found = new Map<string, Promise<Interpreter | undefined>>();

/** The interpreter for a runtime such as `python3.12`: that version where it is installed, else any Python 3. */
export async function findPython(consumer: string, runtime: string): Promise<Interpreter> {
  const candidates = [process.env.BOWLINE_PYTHON, runtime, "python3", "python"].filter(
    (name) => name !== undefined,
  );
  for (const command of candidates) {
    const interpreter = await (found.get(command) ?? remember(command));
    if (interpreter) return interpreter;
  }
  throw new BowlineError("no-python", `${consumer} runs on ${runtime}, and this machine has no Python 3.`, {
    hint: "Install Python (https://www.python.org/downloads), or name one: BOWLINE_PYTHON=/path/to/python3.",
    exitCode: 1,
  });
}

function remember(command: string): Promise<Interpreter | undefined> {
  const probe = ask(command);
  found.set(command, probe);
  return probe;
}

/** Asks for `sys.executable`, because a version manager's shim is slow to start. */
async function ask(command: string): Promise<Interpreter | undefined> {
  try {
    const script = "import sys; print(sys.executable); print('%d.%d' % sys.version_info[:2])";
    const { stdout } = await run(command, ["-c", script], { timeout: 10_000 });
    const [path, version] = stdout.trim().split("\n");
    return path && version?.startsWith("3.") ? { path, version } : undefined;
  } catch {
    return undefined;
  }
}
