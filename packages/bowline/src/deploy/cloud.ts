import {
  type CloudEvent,
  type CloudOptions,
  type ConnectedCloud,
  connectCloud,
  StartError,
  startCloud,
} from "@bowline/cloud";
import { boto3Folder } from "../build/python-packages.ts";
import { BowlineError } from "../error.ts";

/** The stage's own AWS: up for as long as a command needs it, or kept up by another command. */
export interface LocalCloud extends ConnectedCloud {
  /** True when another process runs it, and tells what happens in it. */
  readonly shared: boolean;
  stop(): Promise<void>;
}

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
    const cloud = await startCloud(cloudOptions);
    return { ...cloud, shared: false, stop: () => cloud.stop() };
  } catch (cause) {
    const running = isInUse(cause) ? connectCloud({ dir: options.dir }) : undefined;
    if (running) return { ...running, shared: true, stop: async () => undefined };
    throw friendly(cause, options.port);
  }
}

function isInUse(cause: unknown): boolean {
  return cause instanceof StartError && cause.code === "folder-in-use";
}

function friendly(cause: unknown, port: number): unknown {
  if (!(cause instanceof StartError)) return cause;
  if (cause.code === "port-in-use") {
    return new BowlineError("port-in-use", `Port ${port} is in use by another program.`, {
      hint: "Choose another with --port, or let Bowline choose: --port 0",
      exitCode: 1,
      cause,
    });
  }
  return new BowlineError("stage-in-use", cause.message, {
    hint: "It is just starting or ending: try again in a moment.",
    exitCode: 4,
    cause,
  });
}
