import { type Cloud, type CloudEvent, type CloudOptions, startCloud } from "@bowline/cloud";
import { boto3Folder } from "../build/python-packages.ts";
import { BowlineError } from "../error.ts";

/** The stage's own AWS, up for as long as a command needs it. */
export type LocalCloud = Cloud;

export async function openCloud(options: {
  readonly dir: string;
  readonly port: number;
  readonly onEvent: (event: CloudEvent) => void;
}): Promise<LocalCloud> {
  const cloudOptions: CloudOptions = {
    dir: options.dir,
    port: options.port,
    onEvent: options.onEvent,
    runtimes: { python: { interpreter: process.env.BOWLINE_PYTHON, path: [boto3Folder()] } },
  };
  try {
    return await startCloud(cloudOptions);
  } catch (cause) {
    throw friendly(cause, options.port);
  }
}

function friendly(cause: unknown, port: number): unknown {
  const code = (cause as { code?: unknown }).code;
  if (code === "port-in-use") {
    return new BowlineError("port-in-use", `Port ${port} is in use by another program.`, {
      hint: "Choose another with --port, or let Bowline choose: --port 0",
      exitCode: 1,
      cause,
    });
  }
  if (code === "folder-in-use") {
    return new BowlineError("stage-in-use", (cause as Error).message, {
      hint: "Stop it first (Ctrl-C there), or use another stage: --stage other",
      exitCode: 4,
      cause,
    });
  }
  return cause;
}
