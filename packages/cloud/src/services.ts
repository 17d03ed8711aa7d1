/** Every service of the local cloud, one line each; IAM and STS join in `start.ts`, being part of the door's core. */
import { createDynamoDb } from "./dynamodb/index.ts";
import { createLambda } from "./lambda/index.ts";
import { createS3 } from "./s3/index.ts";
import type { ServiceFactory } from "./service.ts";
import { createSns } from "./sns/index.ts";
import { createSqs } from "./sqs/index.ts";

export const services: readonly ServiceFactory[] = [
  createDynamoDb,
  createLambda,
  createS3,
  createSqs,
  createSns,
];
