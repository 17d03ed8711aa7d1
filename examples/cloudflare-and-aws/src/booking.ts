import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import { Resource } from "bowline";

const table = DynamoDBDocumentClient.from(new DynamoDBClient({}));

export const handler = async (event: { readonly body?: string }) => {
  const { id } = JSON.parse(event.body ?? "{}") as { id: string };
  await table.send(new PutCommand({ TableName: Resource.Crossings.name, Item: { id, booked: true } }));
  await fetch(new URL(`/seen/${id}`, Resource.Front.url), { method: "PUT" });
  return { booked: id };
};
