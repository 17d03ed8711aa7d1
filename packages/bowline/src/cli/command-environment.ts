import { environmentOfApp, environmentOfConsumer } from "../deploy/environment.ts";
import { findConsumer, manifestOf } from "../deploy/manifest.ts";
import { notDeployed } from "../deploy/not-deployed.ts";
import type { DeployedStage } from "../deploy/pulumi/deployed.ts";
import { BowlineError } from "../error.ts";
import type { CommandContext } from "./command.ts";
import type { StageSession } from "./stage-session.ts";

/** What a command of `run` and `shell` finds around it, with the local cloud up. */
export function localEnvironment(context: CommandContext, session: StageSession): NodeJS.ProcessEnv {
  const manifest = session.manifest();
  if (!manifest) throw new BowlineError("not-deployed", "The app declares nothing.", { exitCode: 1 });
  const { endpoint, region, credentials } = session.cloud;
  const { root } = context.project;
  if (typeof context.options.as !== "string") {
    return environmentOfApp(process.env, root, manifest, { endpoint, region, credentials });
  }
  const consumer = findConsumer(manifest, context.options.as);
  const own = consumer.roleArn ? session.cloud.assumeRole(consumer.roleArn, "run") : undefined;
  const aws = own && { endpoint, region, credentials: own };
  return environmentOfConsumer(process.env, root, manifest, consumer, aws);
}

/** The same on a stage in a cloud, as it was deployed last; permissions are those of whoever runs the command. */
export async function cloudEnvironment(
  { stage, project, options, reporter }: CommandContext,
  cloud: DeployedStage,
): Promise<NodeJS.ProcessEnv> {
  const manifest = manifestOf(await cloud.state.read(), stage);
  if (!manifest) throw notDeployed(stage);
  const aws = await cloud.aws();
  if (typeof options.as !== "string") return environmentOfApp(process.env, project.root, manifest, aws);
  const consumer = findConsumer(manifest, options.as);
  if (consumer.roleArn) {
    reporter.report({
      type: "warning",
      message: `The command has your own permissions: the role of ${consumer.name} is for Lambda alone.`,
      hint: `What ${consumer.name} is allowed, the local cloud enforces: bowline run --as ${consumer.name} on a stage of this machine.`,
    });
  }
  return environmentOfConsumer(process.env, project.root, manifest, consumer, aws);
}
