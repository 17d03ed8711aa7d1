import { DurableObject } from "cloudflare:workers";
import { type Env, Resource } from "bowline";

/** Links are there before any request is. */
const greeting = `${Resource.Settings.greeting}, ${Resource.App.stage}`;

export default {
  async fetch(request, env): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const [, resource = "", key = ""] = pathname.split("/");
    switch (`${request.method} /${resource}`) {
      case "GET /":
        return Response.json({
          greeting,
          bucket: env.Photos.name,
          same: env.Photos === Resource.Photos,
          retries: env.Settings.retries,
          secretLength: env.ApiToken.value.length,
        });
      case "PUT /photos":
        await env.Photos.put(key, request.body);
        return Response.json({ stored: key });
      case "GET /photos": {
        const photo = await Resource.Photos.get(key);
        return photo ? new Response(photo.body) : new Response("no such photo", { status: 404 });
      }
      case "PUT /sessions":
        await env.Sessions.put(key, await request.text());
        return Response.json({ stored: key });
      case "GET /sessions":
        return Response.json({ session: await env.Sessions.get(key) });
      case "POST /berths":
        await env.Berths.exec("CREATE TABLE IF NOT EXISTS berths (ship TEXT)");
        await env.Berths.prepare("INSERT INTO berths VALUES (?)").bind(key).run();
        return Response.json(
          (await env.Berths.prepare("SELECT ship FROM berths ORDER BY ship").all()).results,
        );
      case "POST /jobs":
        await env.Jobs.send({ unload: key });
        return Response.json({ queued: key });
      case "GET /visits":
        return Response.json({ visits: await env.Visits.getByName("all").visit() });
      case "GET /tide":
        return Response.json({ tide: await env.Tides.at(Number(searchParams.get("hour"))) });
      default:
        return new Response("not found", { status: 404 });
    }
  },
} satisfies ExportedHandler<Env<"Harbour">>;

/** Counts, wherever it is called from. */
export class Counter extends DurableObject {
  async visit(): Promise<number> {
    const visits = ((await this.ctx.storage.get<number>("visits")) ?? 0) + 1;
    await this.ctx.storage.put("visits", visits);
    return visits;
  }
}
