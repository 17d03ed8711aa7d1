import { spawn } from "node:child_process";
import { once } from "node:events";
import { basename, dirname } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { BowlineError } from "../../error.ts";
import type { LinkRead, Place, Reads, SourceModule, UnverifiableRead } from "./reads.ts";

/** A folder with a `__main__.py`. */
const SCRIPT = fileURLToPath(new URL("./python-reads", import.meta.url));

interface Answer extends Reads {
  readonly links: readonly LinkRead[];
  readonly unverifiable: readonly UnverifiableRead[];
  readonly errors: readonly (Place & { readonly message: string })[];
}

/**
 * Which links the modules of a Python handler read, as Python's own `ast` sees them. Nothing of them is run.
 * Paths are those a handler's imports are resolved from: `src/report.py` is the module `src.report`.
 */
export async function pythonReads(sources: readonly SourceModule[], interpreter = "python3"): Promise<Reads> {
  const modules = sources.filter(({ path }) => path.endsWith(".py"));
  if (modules.length === 0) return { links: [], unverifiable: [] };
  const input = modules.map(({ path, text, entry }) => ({ path, text, entry, name: moduleName(path) }));
  const { links, unverifiable, errors } = await ask(interpreter, JSON.stringify(input));
  const [error] = errors;
  if (error) {
    throw new BowlineError("python-syntax", `${error.file}:${error.line}:${error.column}: ${error.message}`);
  }
  return { links, unverifiable };
}

async function ask(interpreter: string, input: string): Promise<Answer> {
  const child = spawn(interpreter, ["-I", "-B", SCRIPT], { stdio: ["pipe", "pipe", "pipe"] });
  const ended = once(child, "close");
  // Whether it read all of this shows in what it answers.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  try {
    const [out, problems, [status]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    if (status !== 0) throw new Error(problems.trim());
    return JSON.parse(out) as Answer;
  } catch (cause) {
    throw new BowlineError(
      "python-check",
      `${interpreter} cannot read the Python handlers: ${(cause as Error).message}`,
      {
        hint: "Reading a handler takes Python 3.9 or newer.",
        exitCode: 1,
        cause,
      },
    );
  }
}

function moduleName(path: string): string {
  const file = basename(path) === "__init__.py" ? dirname(path) : path.slice(0, -".py".length);
  return file.replace(/^(\.?\/)+/, "").replaceAll("/", ".");
}
