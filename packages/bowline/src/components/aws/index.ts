export { permission } from "../../link/include.ts";
export { ApiGatewayV2, type ApiGatewayV2Args, type ApiGatewayV2RouteArgs } from "./api-gateway-v2.ts";
export { Bucket, type BucketArgs, type BucketCors } from "./bucket.ts";
export type {
  BucketEvent,
  BucketNotificationArgs,
  BucketNotifications,
  BucketNotificationsArgs,
} from "./bucket-notification.ts";
export { Bus, type BusArgs, type BusSubscribeArgs } from "./bus.ts";
export { Cron, type CronArgs } from "./cron.ts";
export { Dynamo, type DynamoArgs, type DynamoIndex, type DynamoSubscribeArgs } from "./dynamo.ts";
export { Function, type FunctionArgs, type FunctionUrlArgs } from "./function.ts";
export {
  KinesisStream,
  type KinesisStreamArgs,
  type KinesisStreamSubscribeArgs,
} from "./kinesis-stream.ts";
export { Queue, type QueueArgs, type QueueSubscribeArgs } from "./queue.ts";
export { SnsTopic, type SnsTopicArgs, type SnsTopicSubscribeArgs } from "./sns-topic.ts";
