/** Whether what a stage had in a cloud is gone: asked of the cloud itself, apart from Pulumi and its providers. */

import type { Properties, ResourceContext, ResourceState } from "@bowline/engine";
import { connectionOf, openAccount } from "../../packages/bowline/src/deploy/pulumi/aws-account.ts";
import { openCloudHome } from "../../packages/bowline/src/deploy/pulumi/home.ts";
import { AwsRequestError } from "../../packages/bowline/src/providers/client.ts";
import { askCloudflare } from "../../packages/bowline/src/providers/cloudflare/api.ts";
import { awsProvider } from "../../packages/bowline/src/providers/index.ts";
import type { CloudName } from "./proofs.ts";

export interface Owner {
  readonly cloud: CloudName;
  readonly app: string;
  readonly stage: string;
}

type Home = Awaited<ReturnType<typeof openCloudHome>>["state"];

export async function homeOf({ cloud, app, stage }: Owner): Promise<Home> {
  const { state } = await openCloudHome({
    settings: { name: app, home: cloud },
    stage,
    progress: () => undefined,
  });
  return state;
}

/** What Pulumi made, as its state has it. */
export async function made(home: Home, { app, stage }: Owner): Promise<ResourceState[]> {
  const text = await home.objects.read(`.pulumi/stacks/${app}/${stage}.json`);
  const { checkpoint } = JSON.parse(text ?? "{}") as {
    checkpoint?: { latest?: { resources?: ResourceState[] } };
  };
  return (checkpoint?.latest?.resources ?? []).filter(
    ({ custom, type }) => custom && !type.startsWith("pulumi:"),
  );
}

/** Those that the cloud has. */
export async function thereOf(resources: readonly ResourceState[]): Promise<string[]> {
  const aws = resources.some(({ type }) => type.startsWith("aws:")) ? await askAws() : undefined;
  const found: string[] = [];
  for (const resource of resources) {
    const { type, id = "" } = resource;
    const ask = type.startsWith("aws:") ? aws : inCloudflare;
    if (await ask?.(resource)) found.push(`${type} ${id}`);
  }
  return found;
}

type Ask = (resource: ResourceState) => Promise<boolean>;

/** Our provider reads what theirs made. */
async function askAws(): Promise<Ask> {
  const account = await openAccount({});
  const provider = awsProvider(connectionOf(account));
  return async ({ type, urn, id = "", inputs, outputs }) => {
    const handler = provider.resource(type);
    if (!handler?.read) return false;
    const context: ResourceContext = {
      urn,
      type,
      name: urn.split("::").at(-1) ?? "",
      project: urn.split("::")[1] ?? "",
      stack: urn.split(":")[2] ?? "",
      preview: false,
      config: {},
      randomSeed: new Uint8Array(32),
      signal: AbortSignal.timeout(60_000),
      log: () => undefined,
    };
    try {
      const found = await handler.read(context, id, inputs as Properties, outputs as Properties);
      return found.outputs !== undefined;
    } catch (cause) {
      // What it belonged to is gone, and so is it.
      if (
        cause instanceof AwsRequestError &&
        (cause.status === 404 || /NotFound|NoSuch|NonExist/.test(cause.code))
      ) {
        return false;
      }
      throw cause;
    }
  };
}

/** Where Cloudflare has them; the rest belongs to a script or a queue and goes with it. */
const PLACES: Readonly<Record<string, (id: string) => string>> = {
  R2Bucket: (id) => `r2/buckets/${id}`,
  WorkersKvNamespace: (id) => `storage/kv/namespaces/${id}`,
  D1Database: (id) => `d1/database/${id}`,
  Queue: (id) => `queues/${id}`,
  AccountToken: (id) => `tokens/${id}`,
  WorkersScript: (id) => `workers/scripts/${id}/settings`,
};
const inCloudflare: Ask = async ({ type, id = "", inputs }) => {
  const name = type.split(":").at(-1) ?? "";
  const place = PLACES[name];
  if (!place) return false;
  const { accountId } = inputs as { accountId?: string };
  const path = `/accounts/${accountId}/${place(encodeURIComponent(id))}`;
  const answer = await askCloudflare(path, process.env.CLOUDFLARE_API_TOKEN ?? "");
  if (answer.ok || answer.status === 404) return answer.ok;
  throw new Error(`Cloudflare answers ${answer.status} to whether ${name} ${id} is there.`);
};

/** What the home kept of a stage that is no more. The bucket itself stays. */
export async function forget(home: Home, { cloud, app, stage }: Owner): Promise<void> {
  const keys = await home.objects.list("");
  const own = keys.filter((key) => {
    const [, rest] = key.split(`/${app}/${stage}`);
    return rest !== undefined && /^($|[/.])/.test(rest);
  });
  for (const key of own) await home.objects.remove(key);
  if (cloud !== "aws") return;
  const { client } = await openAccount({});
  await client.json("ssm", "DeleteParameter", { Name: `/bowline/passphrase/${app}/${stage}` });
}
