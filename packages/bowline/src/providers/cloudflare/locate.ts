/** Asks an account of Cloudflare, by its inputs, for a resource whose creation nobody saw the end of. */

import type { Properties } from "@bowline/engine";
import type { Locate } from "../locate.ts";
import { askCloudflare } from "./api.ts";

type Listed = Readonly<Record<string, unknown>>;
type List = (path: string) => Promise<readonly Listed[]>;
type Find = (inputs: Properties, list: List) => Promise<string | undefined>;

/** What goes by its name has it for an id; whether it is there is seen when it is read. */
const byName =
  (property: string): Find =>
  async (inputs) =>
    String(inputs[property]);

const listed =
  (
    path: (inputs: Properties) => string,
    id: string,
    fits: (item: Listed, inputs: Properties) => boolean,
  ): Find =>
  async (inputs, list) => {
    const found = (await list(path(inputs))).find((item) => fits(item, inputs));
    return found && String(found[id]);
  };

const FINDERS: Readonly<Record<string, Find>> = {
  "cloudflare:index/r2Bucket:R2Bucket": byName("name"),
  "cloudflare:index/workersScript:WorkersScript": byName("scriptName"),
  "cloudflare:index/workersScriptSubdomain:WorkersScriptSubdomain": byName("scriptName"),
  "cloudflare:index/workersCronTrigger:WorkersCronTrigger": byName("scriptName"),
  "cloudflare:index/workersKvNamespace:WorkersKvNamespace": listed(
    () => "storage/kv/namespaces?per_page=1000",
    "id",
    ({ title }, inputs) => title === inputs.title,
  ),
  "cloudflare:index/d1Database:D1Database": listed(
    ({ name }) => `d1/database?name=${encodeURIComponent(String(name))}`,
    "uuid",
    ({ name }, inputs) => name === inputs.name,
  ),
  "cloudflare:index/queue:Queue": listed(
    () => "queues?per_page=1000",
    "queue_id",
    ({ queue_name: name }, inputs) => name === inputs.queueName,
  ),
  "cloudflare:index/queueConsumer:QueueConsumer": listed(
    ({ queueId }) => `queues/${queueId}/consumers`,
    "consumer_id",
    ({ script, script_name: name }, inputs) => (script ?? name) === inputs.scriptName,
  ),
};

export function cloudflareLocator(
  token: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Locate {
  return (type, inputs) => {
    const list: List = async (path) => {
      const answer = await askCloudflare(`/accounts/${inputs.accountId}/${path}`, token, env);
      if (answer.ok) return Array.isArray(answer.result) ? (answer.result as Listed[]) : [];
      // The queue that was to be consumed may be gone.
      if (answer.status === 404) return [];
      const why = answer.errors.map(({ message }) => message).join(", ");
      throw new Error(`Cloudflare does not say what there is at ${path}: ${answer.status} ${why}`.trim());
    };
    return FINDERS[type]?.(inputs, list).then((id) => (id === undefined ? {} : { id }));
  };
}
