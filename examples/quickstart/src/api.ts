import { randomUUID } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import { Resource } from "bowline";

const table = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const s3 = new S3Client({});

/** Stores an order and its receipt: `curl -d '{"item":"rope","price":20}' $URL`. */
export const handler = async (event: { body?: string }) => {
  const { item = "rope", price = 20 } = JSON.parse(event.body ?? "{}");
  const { currency, vat } = Resource.Settings;
  const order = { id: randomUUID(), item, total: `${(price * (1 + vat)).toFixed(2)} ${currency}` };

  await table.send(new PutCommand({ TableName: Resource.Orders.name, Item: order }));
  await s3.send(
    new PutObjectCommand({
      Bucket: Resource.Receipts.name,
      Key: `${order.id}.json`,
      Body: JSON.stringify(order),
    }),
  );

  return { order, paidWith: `${Resource.StripeKey.value.slice(0, 7)}…` };
};
