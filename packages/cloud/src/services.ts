/** Every service of the local cloud, one line each; IAM and STS join in `start.ts`, being part of the door's core. */
import { createApiGateway } from "./apigateway/index.ts";
import { createDynamoDb } from "./dynamodb/index.ts";
import { createEvents } from "./events/index.ts";
import { createKinesis } from "./kinesis/index.ts";
import { createKms } from "./kms/index.ts";
import { createLambda } from "./lambda/index.ts";
import { createLogs } from "./logs/index.ts";
import { createS3 } from "./s3/index.ts";
import { createScheduler } from "./scheduler/index.ts";
import { createSecretsManager } from "./secretsmanager/index.ts";
import type { ServiceFactory } from "./service.ts";
import { createSns } from "./sns/index.ts";
import { createSqs } from "./sqs/index.ts";
import { createSsm } from "./ssm/index.ts";

export const services: readonly ServiceFactory[] = [
  createApiGateway,
  createDynamoDb,
  createEvents,
  createKinesis,
  createKms,
  createLogs,
  createS3,
  createScheduler,
  createSecretsManager,
  createSqs,
  createSns,
  createSsm,
  // Last to start and first to stop: its functions and pollers call the others.
  createLambda,
];
