import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { type Env, Resource } from "bowline";

type FrontEnv = Env<"Front">;

/** A Worker has no role in AWS: the credentials its links gave it are in `env`. */
function table(env: FrontEnv): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    region: env.AWS_REGION,
    endpoint: env.AWS_ENDPOINT_URL,
    credentials: {
      accessKeyId: env.AWS_ACCESS_KEY_ID,
      secretAccessKey: env.AWS_SECRET_ACCESS_KEY,
      sessionToken: env.AWS_SESSION_TOKEN,
    },
  });
  return DynamoDBDocumentClient.from(client);
}

export default {
  async fetch(request, env): Promise<Response> {
    const [, action = "", id = ""] = new URL(request.url).pathname.split("/");
    const TableName = Resource.Crossings.name;
    switch (`${request.method} /${action}`) {
      case "POST /book":
        return fetch(Resource.Booking.url, { method: "POST", body: JSON.stringify({ id }) });
      case "GET /crossing":
        return Response.json(
          (await table(env).send(new GetCommand({ TableName, Key: { id } }))).Item ?? null,
        );
      case "PUT /crossing":
        // Refused: the link is for reading.
        await table(env).send(new PutCommand({ TableName, Item: { id } }));
        return new Response("written");
      case "GET /ticket":
        return new Response((await env.Tickets.get(id))?.body ?? "no ticket");
      case "PUT /seen":
        await env.Cache.put(`seen-${id}`, "yes");
        return new Response("seen");
      case "GET /seen":
        return new Response((await env.Cache.get(`seen-${id}`)) ?? "no");
      default:
        return new Response("not found", { status: 404 });
    }
  },
} satisfies ExportedHandler<FrontEnv>;
