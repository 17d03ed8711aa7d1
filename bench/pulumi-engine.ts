/** Pulumi's own engine as its users have it: `pulumi up`, and nothing around it. */

import type { ChildChannel, OtherEngine, Program, Result } from "@bowline/engine";
import { LocalWorkspace, PulumiCommand } from "@pulumi/pulumi/automation/index.js";

export interface PulumiData {
  readonly project: string;
  readonly folder: string;
  readonly root: string;
  readonly config: Readonly<Record<string, string>>;
}

/** What the Automation API does besides, and a user of the CLI does not wait for. */
export interface Besides {
  readonly besidesMs: number;
}

export async function pulumi(
  { project, folder, root, config }: PulumiData,
  program: Program,
  channel: ChildChannel,
): Promise<OtherEngine> {
  const started = performance.now();
  const stack = await LocalWorkspace.createOrSelectStack(
    { projectName: project, stackName: "bench", program: async () => {} },
    {
      workDir: folder,
      pulumiCommand: withoutFarewell(await PulumiCommand.get({ root })),
      projectSettings: { name: project, runtime: "nodejs" },
      stackSettings: { bench: { config: { ...config } } },
      secretsProvider: "passphrase",
      envVars: {
        PULUMI_BACKEND_URL: `file://${folder}`,
        PULUMI_CONFIG_PASSPHRASE: "bench",
        PULUMI_HOME: `${folder}/home`,
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: "true",
        PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
      },
    },
  );
  channel.send({ besidesMs: performance.now() - started } satisfies Besides);
  return {
    async run(operation) {
      if (operation === "up") {
        await stack.up({ program: async () => (await program()) as Record<string, unknown> });
      } else {
        await stack.destroy();
      }
      return DONE;
    },
  };
}

const DONE: Result = {
  ok: true,
  diagnostics: [],
  changes: {},
  steps: [],
  outputs: {},
  secretOutputs: [],
  durationMs: 0,
};

type Runner = { run(args: string[], ...more: unknown[]): Promise<unknown> };

/** After each run the Automation API starts the CLI again to ask for outputs and history. */
function withoutFarewell(command: PulumiCommand): PulumiCommand {
  const stock = command as unknown as Runner;
  const quick: Runner = {
    async run(args, ...more) {
      const farewell = args[0] === "stack" && ["output", "history"].includes(args[1] ?? "");
      if (!farewell) return stock.run(args, ...more);
      return { stdout: args[1] === "history" ? "[]" : "{}", stderr: "", code: 0 };
    },
  };
  return Object.assign(Object.create(command), quick) as PulumiCommand;
}
