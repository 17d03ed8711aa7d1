import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join, sep } from "node:path";
import { promisify } from "node:util";
import { BowlineError } from "../error.ts";
import type { BuildApp } from "./artifact.ts";
import type { Interpreter } from "./python-interpreter.ts";

const run = promisify(execFile);

/** Where packages are kept that several apps may use. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "bowline");
}

/** Where boto3 is when Bowline had to provide it: Lambda carries it, a laptop may not. */
export function boto3Folder(): string {
  return join(cacheFolder(), "boto3");
}

/** Makes `import boto3` work for local Python functions. */
export async function ensureBoto3(
  interpreter: Interpreter,
  progress: (message: string) => void,
): Promise<void> {
  if (existsSync(boto3Folder())) return;
  if (await succeeds(interpreter.path, ["-c", "import boto3"])) return;
  progress("Installing boto3 for local Python functions (once)");
  await installInto(boto3Folder(), ["boto3"], interpreter);
}

/** The packages a requirements.txt names, as files of an artifact. */
export async function installRequirements(
  app: BuildApp,
  requirements: { text: string; hash: string },
  interpreter: Interpreter | undefined,
): Promise<Record<string, string>> {
  const folder = join(cacheFolder(), "python", `${interpreter?.version ?? "any"}-${requirements.hash}`);
  if (!existsSync(folder)) {
    app.progress("Installing Python packages (once per requirements.txt)");
    const list = join(app.artifacts, `requirements-${requirements.hash}.txt`);
    await mkdir(app.artifacts, { recursive: true });
    await writeFile(list, requirements.text);
    await installInto(folder, ["-r", list], interpreter);
  }
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    files.map((file) => [
      file
        .slice(folder.length + 1)
        .split(sep)
        .join("/"),
      file,
    ]),
  );
}

/** uv where there is one (it is much faster), else pip. The folder appears only when it is complete. */
async function installInto(
  folder: string,
  what: readonly string[],
  interpreter: Interpreter | undefined,
): Promise<void> {
  const draft = `${folder}.${randomBytes(4).toString("hex")}.tmp`;
  const python = interpreter?.path ?? "python3";
  const attempts: [string, string[]][] = [
    ["uv", ["pip", "install", "--quiet", "--python", python, "--target", draft, ...what]],
    [python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", draft, ...what]],
  ];
  let reason = "";
  for (const [command, args] of attempts) {
    try {
      await run(command, args, { timeout: 300_000, maxBuffer: 16 << 20 });
      await rename(draft, folder).catch((cause) => {
        if (!existsSync(folder)) throw cause;
      });
      return;
    } catch (cause) {
      await rm(draft, { recursive: true, force: true });
      const stderr = (cause as { stderr?: string }).stderr?.trim().split("\n").at(-1);
      if ((cause as { code?: unknown }).code !== "ENOENT")
        reason = stderr || String((cause as Error).message);
    }
  }
  throw new BowlineError(
    "python-packages",
    `Python packages could not be installed: ${reason || "neither uv nor pip is there"}.`,
    {
      hint: `Install them yourself: ${python} -m pip install ${what.filter((part) => part !== "-r").join(" ")}`,
      exitCode: 1,
    },
  );
}

async function succeeds(command: string, args: string[]): Promise<boolean> {
  return run(command, args, { timeout: 20_000 }).then(
    () => true,
    () => false,
  );
}
