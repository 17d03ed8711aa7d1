export { permission } from "../../link/include.ts";
export { Bucket, type BucketArgs, type BucketCors } from "./bucket.ts";
export { Dynamo, type DynamoArgs, type DynamoIndex } from "./dynamo.ts";
export { Function, type FunctionArgs, type FunctionUrlArgs } from "./function.ts";
