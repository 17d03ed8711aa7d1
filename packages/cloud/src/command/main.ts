/** `npx @bowline/cloud`: the local cloud without a program of one's own, for tests and tools in any language. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Cloud } from "../cloud.ts";
import type { CloudEvent } from "../events.ts";
import { startCloud } from "../start.ts";
import { StartError } from "../start-error.ts";
import { runBeside } from "./run-beside.ts";

const usage = `Usage: bowline-cloud [--dir DIR] [--port PORT] [--region REGION] [--quiet] [-- COMMAND]

Starts an AWS on 127.0.0.1 and prints the variables that AWS SDKs and tools find it by.
With a command: runs it with these variables, stops, and exits with the command's code.

  --dir DIR        where data is kept; without it, in a temporary folder that is deleted at the end
  --port PORT      default 4566, or any free one when there is a command
  --region REGION  default us-east-1
  --quiet          does not tell of refused calls`;

interface Asked {
  readonly dir: string | undefined;
  readonly port: number;
  readonly region: string | undefined;
  readonly quiet: boolean;
  readonly command: readonly string[];
}

/** Resolves to the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  let asked: Asked | undefined;
  try {
    asked = readArguments(argv);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    return 2;
  }
  if (!asked) {
    console.log(usage);
    return 0;
  }
  const { region, port, quiet } = asked;
  const temporary = asked.dir === undefined ? mkdtempSync(join(tmpdir(), "bowline-cloud-")) : undefined;
  const dir = asked.dir ?? temporary ?? "";
  try {
    const onEvent = quiet ? undefined : tellRefusal;
    const cloud = await startCloud({
      dir,
      port,
      ...(region ? { region } : {}),
      ...(onEvent ? { onEvent } : {}),
    });
    try {
      if (asked.command.length > 0) return await runBeside(asked.command, variables(cloud));
      announce(cloud, temporary ? undefined : dir);
      await interrupted();
      return 0;
    } finally {
      await cloud.stop();
    }
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    console.error(error.message);
    return 1;
  } finally {
    if (temporary) rmSync(temporary, { recursive: true, force: true });
  }
}

/** `undefined` where help is asked for. */
function readArguments(argv: readonly string[]): Asked | undefined {
  const cut = argv.indexOf("--");
  const { values } = parseArgs({
    args: cut < 0 ? [...argv] : argv.slice(0, cut),
    options: {
      dir: { type: "string" },
      port: { type: "string" },
      region: { type: "string" },
      quiet: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return undefined;
  const command = cut < 0 ? [] : argv.slice(cut + 1);
  if (cut >= 0 && command.length === 0) throw new Error("There is no command after --.");
  const port = Number(values.port ?? (command.length > 0 ? 0 : 4566));
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`"${values.port}" is no port: give a number from 0 to 65535.`);
  }
  return { dir: values.dir, port, region: values.region, quiet: values.quiet === true, command };
}

function variables({ endpoint, region, credentials }: Cloud): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
}

/** The variables go to stdout, ready for a shell; what is for people goes to stderr. */
function announce(cloud: Cloud, dir: string | undefined): void {
  const kept = dir === undefined ? "data is deleted at the end" : `data in ${dir}`;
  console.error(`The local cloud is up; ${kept}. Ctrl-C ends it.`);
  for (const [name, value] of Object.entries(variables(cloud))) console.log(`export ${name}=${value}`);
}

function tellRefusal(event: CloudEvent): void {
  if (event.type !== "audit" || event.decision !== "deny") return;
  console.error(`! ${event.principal} may not ${event.action} on ${event.resource}: ${event.reason}`);
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
}
