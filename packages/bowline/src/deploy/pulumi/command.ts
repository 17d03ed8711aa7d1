/** The Pulumi CLI: found, or fetched once. */

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createWriteStream, existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { BowlineError } from "../../error.ts";
import { dataFolder } from "./data-folder.ts";

/** What is fetched where there is none, and what Bowline is tested with. */
export const PULUMI_VERSION = "3.259.0";
/** Since then it tells its events over a connection of their own. */
const OLDEST = "3.206.0";

const RELEASES = "https://get.pulumi.com/releases/sdk";
const CHECKSUMS = `https://github.com/pulumi/pulumi/releases/download/v${PULUMI_VERSION}`;

export interface FindOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly fetch?: typeof fetch;
  readonly progress: (message: string) => void;
}

/** The one on PATH when it is recent enough, the one in Bowline's own folder, or, once, the one from pulumi.com. */
export async function findPulumi(options: FindOptions): Promise<PulumiCommand> {
  const { env = process.env } = options;
  const onPath = await PulumiCommand.get().catch(() => undefined);
  if (onPath?.version && onPath.version.compare(OLDEST) >= 0) return onPath;
  const root = ownFolder(env);
  if (!existsSync(join(root, "bin", executable()))) await download(root, options);
  return PulumiCommand.get({ root });
}

function executable(): string {
  return process.platform === "win32" ? "pulumi.exe" : "pulumi";
}

function ownFolder(env: FindOptions["env"]): string {
  return join(dataFolder(env), "pulumi", PULUMI_VERSION);
}

/** `pulumi-v3.259.0-linux-x64.tar.gz`. */
export function archiveName(platform: string = process.platform, arch: string = process.arch): string {
  const system = { darwin: "darwin", linux: "linux", win32: "windows" }[platform];
  const machine = { x64: "x64", arm64: "arm64" }[arch];
  if (!system || !machine) throw unavailable(`Pulumi has no release for ${platform} on ${arch}.`);
  return `pulumi-v${PULUMI_VERSION}-${system}-${machine}.${system === "windows" ? "zip" : "tar.gz"}`;
}

async function download(root: string, { progress, fetch: get = fetch }: FindOptions): Promise<void> {
  const name = archiveName();
  await mkdir(dirname(root), { recursive: true });
  const draft = await mkdtemp(join(dirname(root), "download-"));
  try {
    const archive = join(draft, name);
    const sums = await text(get, `${CHECKSUMS}/pulumi-${PULUMI_VERSION}-checksums.txt`);
    const expected = sums
      .split("\n")
      .find((line) => line.trim().endsWith(name))
      ?.split(/\s+/)[0];
    if (!expected) throw unavailable(`Pulumi's checksums do not name ${name}.`);
    await save(get, `${RELEASES}/${name}`, archive, progress);
    const actual = createHash("sha256")
      .update(await readFile(archive))
      .digest("hex");
    if (actual !== expected) {
      throw unavailable(
        `What came as ${name} is not what Pulumi released: its checksum is ${actual}, not ${expected}.`,
      );
    }
    await unpack(archive, draft);
    // The archive holds one folder, `pulumi`, or on Windows `pulumi/bin`.
    const inner = join(draft, "pulumi");
    const from = existsSync(join(inner, "bin")) ? join(inner, "bin") : inner;
    await mkdir(join(draft, "root"));
    await rename(from, join(draft, "root", "bin"));
    // Another command may have been faster.
    await rename(join(draft, "root"), root).catch((cause: unknown) => {
      if (!existsSync(join(root, "bin", executable()))) throw cause;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function text(get: typeof fetch, url: string): Promise<string> {
  return (await open(get, url)).text();
}

async function save(
  get: typeof fetch,
  url: string,
  file: string,
  progress: FindOptions["progress"],
): Promise<void> {
  const response = await open(get, url);
  const total = Number(response.headers.get("content-length") ?? 0);
  const target = createWriteStream(file);
  let received = 0;
  let told = -1;
  for await (const chunk of response.body ?? []) {
    received += chunk.length;
    const tenth = total > 0 ? Math.floor((received * 10) / total) : -1;
    if (tenth > told) progress(`Fetching the Pulumi CLI ${PULUMI_VERSION} (once): ${tenth * 10} %`);
    told = Math.max(told, tenth);
    if (!target.write(chunk)) await new Promise<void>((resolve) => target.once("drain", () => resolve()));
  }
  await new Promise<void>((resolve, reject) => {
    target.once("error", reject);
    target.end(() => resolve());
  });
}

async function open(get: typeof fetch, url: string): Promise<Response> {
  let response: Response;
  try {
    response = await get(url);
  } catch (cause) {
    throw unavailable(`${url} cannot be reached.`, cause);
  }
  if (!response.ok) throw unavailable(`${url} answers ${response.status}.`);
  return response;
}

async function unpack(archive: string, folder: string): Promise<void> {
  const tar = spawn("tar", ["-xf", archive, "-C", folder], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  tar.stderr.on("data", (chunk) => {
    said += chunk;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    tar.once("error", reject);
    tar.once("close", resolve);
  }).catch((cause: unknown) => {
    throw unavailable("It comes as an archive, and there is no tar command to unpack it.", cause);
  });
  if (code !== 0) throw unavailable(`It could not be unpacked: ${said.trim()}`);
}

function unavailable(why: string, cause?: unknown): BowlineError {
  return new BowlineError("no-pulumi", `Deploying to a cloud needs the Pulumi CLI. ${why}`, {
    hint: `Put pulumi ${OLDEST} or later on PATH (https://www.pulumi.com/docs/install), or its files into ${join(ownFolder(process.env), "bin")}.`,
    exitCode: 1,
    ...(cause === undefined ? {} : { cause }),
  });
}
