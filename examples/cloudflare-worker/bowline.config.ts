import { cloudflare, defineConfig, Linkable, Secret } from "bowline/config";

/** A harbour: photos in R2, berths in D1, sessions in KV, work on a queue, and a second Worker to ask for the tide. */
export default defineConfig({
  app: () => ({ name: "harbour" }),
  run() {
    const photos = new cloudflare.Bucket("Photos");
    const sessions = new cloudflare.Kv("Sessions");
    const berths = new cloudflare.D1("Berths");
    const jobs = new cloudflare.Queue("Jobs");
    const token = new Secret("ApiToken", "not-set");
    const settings = new Linkable("Settings", { properties: { greeting: "Ahoy", retries: 3 } });

    jobs.subscribe({ handler: "src/jobs.ts", link: [sessions] }, { batch: { window: "1 second" } });
    const tides = new cloudflare.Worker("Tides", { handler: "src/tides.ts", link: [settings] });
    const harbour = new cloudflare.Worker("Harbour", {
      handler: "src/harbour.ts",
      url: true,
      link: [photos, sessions, berths, jobs, token, settings, tides],
      durableObjects: { Visits: "Counter" },
      assets: { directory: "public" },
    });

    return { url: harbour.url };
  },
});
