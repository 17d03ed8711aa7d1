/** What of this machine and this app Bowline depends on, looked at one by one. Nothing is changed. */
import { execFile } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync, realpathSync, statfsSync } from "node:fs";
import { createRequire } from "node:module";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { lockHolder } from "@bowline/engine";
import { findPython } from "../build/python-interpreter.ts";
import { bowlineManifest, type Project, type StagePaths } from "../config/project.ts";
import { findMiniflare } from "../workers/miniflare.ts";

const run = promisify(execFile);

export interface Finding {
  readonly subject: string;
  /** `note` is what need not be wrong: a tool that only some apps need, a lock that is held. */
  readonly state: "fine" | "note" | "wrong";
  readonly detail: string;
  /** What to do about it. */
  readonly hint?: string;
}

export interface Surroundings {
  /** Absent outside of an app. */
  readonly project?: Project;
  readonly paths?: StagePaths;
  readonly stage?: string;
}

export async function examine({ project, paths, stage = "" }: Surroundings): Promise<Finding[]> {
  return (
    await Promise.all([
      node(),
      ...(project ? [packages(project), folder(project)] : [noApp()]),
      ...(paths ? [lock(paths, stage)] : []),
      python(),
      miniflare(project?.root ?? process.cwd()),
      pulumi(),
    ])
  ).flat();
}

const oldestNode = [22, 18] as const;

export function node(version = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const recent = major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
  return recent
    ? { subject: "Node", state: "fine", detail: version }
    : {
        subject: "Node",
        state: "wrong",
        detail: `${version} is older than ${oldestNode.join(".")}`,
        hint: "Install a current Node: https://nodejs.org",
      };
}

function noApp(): Finding {
  return {
    subject: "App",
    state: "note",
    detail: "no bowline.config.ts here or above",
    hint: "bowline init",
  };
}

/** Values made by one copy of the Pulumi SDK are strangers to another. */
function packages(project: Project): Finding[] {
  const sdk = "@pulumi/pulumi";
  const findings: Finding[] = [{ subject: "App", state: "fine", detail: project.configFile }];
  const ofApp = manifestOf(sdk, project.configFile);
  const ofBowline = manifestOf(sdk, import.meta.url);
  if (!ofApp || !ofBowline) {
    const hint = `npm install ${sdk}@"${bowlineManifest().peerDependencies[sdk] ?? "latest"}"`;
    findings.push({ subject: sdk, state: "wrong", detail: "not installed", hint });
  } else if (ofApp !== ofBowline) {
    const detail = `two copies, whose values do not mix:\n${dirname(ofApp)}\n${dirname(ofBowline)}`;
    findings.push({ subject: sdk, state: "wrong", detail, hint: "npm dedupe" });
  } else {
    const { version } = JSON.parse(readFileSync(ofApp, "utf8")) as { version: string };
    findings.push({ subject: sdk, state: "fine", detail: version });
  }
  return findings;
}

/** The manifest of a package as seen from a file. */
function manifestOf(name: string, from: string): string | undefined {
  for (const folder of createRequire(from).resolve.paths(name) ?? []) {
    const file = join(folder, name, "package.json");
    if (existsSync(file)) return realpathSync(file);
  }
  return undefined;
}

const leastSpace = 500 * 1024 ** 2;

function folder(project: Project): Finding {
  const subject = ".bowline";
  const at = existsSync(project.folder) ? project.folder : project.root;
  try {
    accessSync(at, constants.W_OK);
  } catch {
    return {
      subject,
      state: "wrong",
      detail: `${at} cannot be written`,
      hint: `Make it yours: chown -R $USER ${at}`,
    };
  }
  const { bavail, bsize } = statfsSync(at);
  const free = bavail * bsize;
  const detail = `${(free / 1024 ** 3).toFixed(1)} GB free`;
  return free < leastSpace
    ? { subject, state: "wrong", detail, hint: "Make room: stages are folders in .bowline/stages." }
    : { subject, state: "fine", detail };
}

async function lock(paths: StagePaths, stage: string): Promise<Finding> {
  const subject = `Stage ${stage}`;
  const holder = await lockHolder(paths.state);
  if (!holder) return { subject, state: "fine", detail: "nobody is at work on it" };
  const here = holder.host === hostname();
  return {
    subject,
    state: "note",
    detail: `process ${holder.pid}${here ? "" : ` on ${holder.host}`} is at work on it since ${holder.since}`,
    hint: "Wait for it; when it is gone for good: bowline unlock",
  };
}

async function python(): Promise<Finding> {
  const subject = "Python";
  try {
    const { path, version } = await findPython("An app", "python3");
    const hasBoto3 = await run(path, ["-c", "import boto3"], { timeout: 20_000 }).then(
      () => true,
      () => false,
    );
    return {
      subject,
      state: "fine",
      detail: `${version} (${path})${hasBoto3 ? "" : "; without boto3, which functions have on AWS"}`,
      ...(hasBoto3 ? {} : { hint: "For functions in Python: pip install boto3" }),
    };
  } catch {
    return { subject, state: "note", detail: "not found", hint: "Functions in Python need it: python.org" };
  }
}

function miniflare(root: string): Finding {
  const subject = "miniflare";
  const found = findMiniflare(root);
  return found
    ? { subject, state: "fine", detail: "installed" }
    : {
        subject,
        state: "note",
        detail: "not installed",
        hint: "For Workers: npm install --save-dev miniflare@4",
      };
}

async function pulumi(): Promise<Finding> {
  const subject = "Pulumi CLI";
  try {
    const { stdout } = await run("pulumi", ["version"], {
      timeout: 20_000,
      env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    });
    return { subject, state: "fine", detail: stdout.trim() };
  } catch {
    return {
      subject,
      state: "note",
      detail: "not on PATH",
      hint: "Only deploying to a cloud needs it; it is fetched then.",
    };
  }
}
