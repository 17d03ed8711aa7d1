import { existsSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { BowlineError } from "../error.ts";

/** Where an app's files are. */
export interface Project {
  /** The folder of the config. */
  readonly root: string;
  readonly configFile: string;
  /** `.bowline`: everything Bowline makes, not to be committed. */
  readonly folder: string;
  /** What functions are deployed as, by content. */
  readonly artifacts: string;
  /** Secrets of stages that have none of their own. */
  readonly fallbackSecrets: string;
}

const CONFIG_NAMES = ["bowline.config.ts", "bowline.config.mts", "bowline.config.js", "bowline.config.mjs"];

/** The app around a folder: the nearest `bowline.config.ts` upwards. */
export function findProject(from: string): Project {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const name = CONFIG_NAMES.find((candidate) => existsSync(join(folder, candidate)));
    if (name) return projectIn(folder, name);
    if (dirname(folder) === folder) break;
  }
  throw new BowlineError("no-config", `There is no bowline.config.ts in ${resolve(from)} or above it.`, {
    hint: "Change to the app's folder, or begin one: bowline init",
  });
}

function projectIn(root: string, configName: string): Project {
  const folder = join(root, ".bowline");
  return {
    root,
    configFile: join(root, configName),
    folder,
    artifacts: join(folder, "artifacts"),
    fallbackSecrets: join(folder, "fallback-secrets"),
  };
}

/** Where a stage's files are; one folder that can be copied or deleted. */
export interface StagePaths {
  readonly folder: string;
  /** Checkpoint, journal and lock of the engine. */
  readonly state: string;
  /** The local cloud's data. */
  readonly cloud: string;
  readonly secrets: string;
}

export function stagePaths(project: Project, stage: string): StagePaths {
  const folder = join(project.folder, "stages", stage);
  return {
    folder,
    state: join(folder, "state"),
    cloud: join(folder, "cloud"),
    secrets: join(folder, "secrets"),
  };
}

/** The stage to work on: as asked for, as `BOWLINE_STAGE` says, or the user's own. */
export function chooseStage(asked: string | undefined): string {
  const stage = asked ?? process.env.BOWLINE_STAGE ?? userStage();
  if (!/^[A-Za-z][A-Za-z0-9-]{0,31}$/.test(stage)) {
    throw new BowlineError("bad-stage", `"${stage}" cannot be the name of a stage.`, {
      hint: "Use up to 32 letters, digits and -, beginning with a letter: --stage dev",
    });
  }
  return stage;
}

function userStage(): string {
  const name = userInfo().username.replaceAll(/[^A-Za-z0-9-]/g, "-");
  return /^[A-Za-z]/.test(name) && name !== "root" ? name.slice(0, 32) : "dev";
}

/** What of this package's manifest is asked for. */
export interface BowlineManifest {
  readonly version: string;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

/** The manifest of this package, wherever it is installed. */
export function bowlineManifest(): BowlineManifest {
  const here = dirname(fileURLToPath(import.meta.url));
  for (let folder = here; folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, "package.json");
    if (!existsSync(file)) continue;
    const manifest = JSON.parse(readFileSync(file, "utf8")) as Partial<BowlineManifest> & { name?: string };
    if (manifest.name !== "bowline") continue;
    return { version: manifest.version ?? "unknown", peerDependencies: manifest.peerDependencies ?? {} };
  }
  return { version: "unknown", peerDependencies: {} };
}

/** The version of this package. */
export function bowlineVersion(): string {
  return bowlineManifest().version;
}
