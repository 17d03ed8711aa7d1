import { environmentOfApp, environmentOfConsumer } from "../deploy/environment.ts";
import { findConsumer } from "../deploy/manifest.ts";
import { BowlineError } from "../error.ts";
import type { CommandContext } from "./command.ts";
import type { StageSession } from "./stage-session.ts";

/** What a command of `run` and `shell` finds around it. */
export function commandEnvironment(context: CommandContext, session: StageSession): NodeJS.ProcessEnv {
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
