import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import { Resource } from "bowline";

const table = DynamoDBDocumentClient.from(new DynamoDBClient({}));

/** R2 speaks S3: the link has where, and the credentials that are for this bucket alone. */
const { name: Bucket, endpoint, accessKeyId, secretAccessKey } = Resource.for("Booking").Tickets;
const tickets = new S3Client({ region: "auto", endpoint, credentials: { accessKeyId, secretAccessKey } });

export const handler = async (event: { readonly body?: string }) => {
  const { id } = JSON.parse(event.body ?? "{}") as { id: string };
  await table.send(new PutCommand({ TableName: Resource.Crossings.name, Item: { id, booked: true } }));
  await tickets.send(new PutObjectCommand({ Bucket, Key: id, Body: `one place at ${id}` }));
  await fetch(new URL(`/seen/${id}`, Resource.Front.url), { method: "PUT" });
  return { booked: id };
};
