import { hkdfSync, randomBytes, randomUUID } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Project } from "../config/project.ts";
import { BowlineError } from "../error.ts";

/** The keys of an app on this machine. Each is for one purpose only. */
export interface ProjectKeys {
  /** Secrets at rest. */
  readonly secrets: Uint8Array;
  /** Secret values in the engine's state. */
  readonly state: Uint8Array;
  /** Links' payloads (`resource.enc`). */
  readonly payload: Uint8Array;
}

/** The app's keys, made when there are none yet. The key file lies outside of the project, for its owner only. */
export function projectKeys(project: Project): ProjectKeys {
  const file = keyFile(readProjectId(project) ?? createProject(project));
  if (!existsSync(file)) throw lostKey(project, file);
  const key = Buffer.from(readFileSync(file, "utf8"), "base64");
  if (key.length !== 32)
    throw new BowlineError("bad-key", `The key file ${file} is damaged.`, { exitCode: 1 });
  const derive = (purpose: string) => new Uint8Array(hkdfSync("sha256", key, "", `bowline ${purpose}`, 32));
  return { secrets: derive("secrets"), state: derive("state"), payload: derive("payload") };
}

/** The key first, then the id that leads to it: whoever finds an id finds its key. */
function createProject(project: Project): string {
  const id = randomUUID();
  createOnce(keyFile(id), randomBytes(32).toString("base64"), 0o600);
  createOnce(join(project.folder, ".gitignore"), "*\n", 0o644);
  createOnce(idFile(project), id, 0o644);
  const settled = readProjectId(project) ?? id;
  // Another process was first.
  if (settled !== id) rmSync(keyFile(id), { force: true });
  return settled;
}

function keyFile(id: string): string {
  return join(keyFolder(), `${id}.key`);
}

function keyFolder(): string {
  return join(process.env.XDG_CONFIG_HOME ?? join(homedir(), ".config"), "bowline", "keys");
}

/** Ties the project's folder to its key. */
function readProjectId(project: Project): string | undefined {
  const file = idFile(project);
  if (!existsSync(file)) return undefined;
  const id = readFileSync(file, "utf8").trim();
  if (!/^[0-9a-f-]{36}$/.test(id))
    throw new BowlineError("bad-id", `The file ${file} is damaged.`, { exitCode: 1 });
  return id;
}

function idFile(project: Project): string {
  return join(project.folder, "id");
}

/** Writes a file that must never be half-written nor overwritten, whoever else writes it at the same time. */
function createOnce(file: string, content: string, mode: number): void {
  const folder = join(file, "..");
  mkdirSync(folder, { recursive: true, mode: mode === 0o600 ? 0o700 : undefined });
  const draft = `${file}.${randomBytes(4).toString("hex")}.tmp`;
  writeFileSync(draft, content, { mode });
  try {
    linkSync(draft, file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
  } finally {
    rmSync(draft, { force: true });
  }
}

function lostKey(project: Project, file: string): BowlineError {
  return new BowlineError(
    "no-key",
    `The key to this app's secrets and state is not on this machine (${file}).`,
    {
      hint: `Bring the key file from the machine the stages in ${project.folder} were made on, or delete that folder to begin anew.`,
      exitCode: 1,
    },
  );
}
