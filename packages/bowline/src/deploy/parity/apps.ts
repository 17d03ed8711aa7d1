/** The apps that are compared: every example, and one with each component of AWS and of Cloudflare. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface ComparedApp {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
}

const EXAMPLES = fileURLToPath(new URL("../../../../../examples", import.meta.url));

export function comparedApps(): ComparedApp[] {
  const examples = readdirSync(EXAMPLES).map((name) => ({ name, files: filesOf(join(EXAMPLES, name)) }));
  return [
    ...examples,
    { name: "every component", files: EVERYTHING },
    { name: "every Worker", files: WORKERS },
  ];
}

function filesOf(folder: string, prefix = ""): Record<string, string> {
  const files: Record<string, string> = {};
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === "node_modules" || entry.name.startsWith(".")) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) Object.assign(files, filesOf(path, `${prefix}${entry.name}/`));
    else files[prefix + entry.name] = readFileSync(path, "utf8");
  }
  return files;
}

const EVERYTHING = {
  "bowline.config.ts": `
    import { aws, defineConfig, Linkable, Secret } from "bowline/config";
    export default defineConfig({
      app: () => ({ name: "all" }),
      run() {
        const files = new aws.Bucket("Files", { versioning: true });
        const orders = new aws.Dynamo("Orders", {
          fields: { id: "string", day: "string" },
          primaryIndex: { hashKey: "id" },
          globalIndexes: { byDay: { hashKey: "day" } },
          stream: "new-and-old-images",
        });
        const jobs = new aws.Queue("Jobs");
        const paid = new aws.SnsTopic("Paid");
        const bus = new aws.Bus("Bus");
        const clicks = new aws.KinesisStream("Clicks");
        const key = new Secret("Key", "placeholder");
        const settings = new Linkable("Settings", { properties: { currency: "EUR" } });
        const everything = [files, orders, jobs, paid, bus, clicks, key, settings];
        orders.subscribe("Audit", "src/handler.handler", { filters: [{ eventName: ["INSERT"] }] });
        jobs.subscribe({ handler: "src/handler.handler", link: [orders] }, { batch: { size: 5 } });
        paid.subscribe("Mail", "src/handler.handler");
        bus.subscribe("Ship", "src/handler.handler", { pattern: { detailType: ["paid"] } });
        clicks.subscribe("Count", "src/handler.handler");
        new aws.Cron("Nightly", { schedule: "rate(1 day)", function: "src/handler.handler" });
        const worker = new aws.Function("Worker", { handler: "src/handler.handler", url: true, link: everything });
        const api = new aws.ApiGatewayV2("Api");
        api.route("GET /", { handler: "src/handler.handler", link: [worker] });
        api.route("POST /orders", { handler: "src/handler.handler", link: [orders, paid] });
        return { api: api.url, worker: worker.url, bucket: files.name, key: key.value };
      },
    });`,
  "src/handler.ts": "export async function handler() { return { ok: true }; }",
};

const WORKERS = {
  "bowline.config.ts": `
    import { cloudflare, defineConfig, Linkable, Secret } from "bowline/config";
    export default defineConfig({
      app: () => ({ name: "workers" }),
      run() {
        const files = new cloudflare.Bucket("Files");
        const cache = new cloudflare.Kv("Cache");
        const rows = new cloudflare.D1("Rows");
        const jobs = new cloudflare.Queue("Jobs");
        const key = new Secret("Key", "placeholder");
        const settings = new Linkable("Settings", { properties: { currency: "EUR" } });
        jobs.subscribe({ handler: "src/worker.ts", link: [cache] }, { batch: { size: 5 }, retries: 2 });
        const rooms = new cloudflare.Worker("Rooms", {
          handler: "src/rooms.ts",
          durableObjects: { Seats: "Room" },
          crons: ["0 3 * * *"],
        });
        const front = new cloudflare.Worker("Front", {
          handler: "src/worker.ts",
          url: true,
          link: [files, cache, rows, jobs, key, settings, rooms, rooms.durableObject("Seats")],
          environment: { REGION: "north" },
          assets: { directory: "public", notFound: "404-page" },
          compatibility: { date: "2026-05-01", flags: ["nodejs_compat"] },
        });
        return { url: front.url, key: key.value };
      },
    });`,
  "src/worker.ts": "export default { async fetch() { return new Response(); }, async queue() {} };",
  "src/rooms.ts": `
    import { DurableObject } from "cloudflare:workers";
    export class Room extends DurableObject {}
    export default { async fetch() { return new Response(); }, async scheduled() {} };`,
  "public/chart.txt": "north",
};
