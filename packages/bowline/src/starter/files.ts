/** What `bowline init` writes: the smallest app that shows a link at work. */

export type StarterLanguage = "typescript" | "python";

/** Path in the new app, and what is in it. */
export type StarterFiles = Readonly<Record<string, string>>;

/** The files that are an app's own; they are never written over those that are there. */
export function starterFiles(name: string, language: StarterLanguage): StarterFiles {
  return language === "python"
    ? { "bowline.config.ts": config(name, PYTHON_FUNCTION), "src/hello.py": PYTHON_HANDLER }
    : { "bowline.config.ts": config(name, TYPESCRIPT_FUNCTION), "src/hello.ts": TYPESCRIPT_HANDLER };
}

const TYPESCRIPT_FUNCTION = `handler: "src/hello.handler"`;
const PYTHON_FUNCTION = `handler: "src/hello.handler",
      runtime: "python3.12"`;

const config = (name: string, fn: string): string => `import { aws, defineConfig } from "bowline/config";

export default defineConfig({
  app: () => ({ name: ${JSON.stringify(name)} }),
  run() {
    const visits = new aws.Dynamo("Visits", { fields: { page: "string" }, primaryIndex: { hashKey: "page" } });
    const hello = new aws.Function("Hello", {
      ${fn},
      url: true,
      link: [visits],
    });
    return { url: hello.url };
  },
});
`;

const TYPESCRIPT_HANDLER = `import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { Resource } from "bowline";

const dynamodb = new DynamoDBClient({});

export const handler = async () => {
  const { Attributes } = await dynamodb.send(
    new UpdateItemCommand({
      TableName: Resource.Visits.name,
      Key: { page: { S: "home" } },
      UpdateExpression: "ADD visits :one",
      ExpressionAttributeValues: { ":one": { N: "1" } },
      ReturnValues: "UPDATED_NEW",
    }),
  );
  return { hello: "world", visits: Number(Attributes?.visits?.N) };
};
`;

const PYTHON_HANDLER = `import boto3
from bowline import Resource

visits = boto3.resource("dynamodb").Table(Resource.Visits.name)


def handler(event, context):
    answer = visits.update_item(
        Key={"page": "home"},
        UpdateExpression="ADD visits :one",
        ExpressionAttributeValues={":one": 1},
        ReturnValues="UPDATED_NEW",
    )
    return {"hello": "world", "visits": int(answer["Attributes"]["visits"])}
`;

export const STARTER_TSCONFIG = `${JSON.stringify(
  {
    compilerOptions: {
      target: "es2023",
      module: "preserve",
      moduleResolution: "bundler",
      strict: true,
      skipLibCheck: true,
      noEmit: true,
    },
    include: ["src", "*.ts"],
  },
  null,
  2,
)}
`;
