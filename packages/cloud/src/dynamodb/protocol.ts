/** AWS JSON 1.0, for DynamoDB and for its streams; items that are kept as JSON are sent as they are. */
import { jsonProtocol } from "../protocol/json.ts";
import type { HttpRequest, Protocol } from "../service.ts";

/** A response that is JSON text already. */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const contentType = "application/x-amz-json-1.0";
const streamsPrefix = "DynamoDBStreams_20120810";

function protocolFor(targetPrefix: string): Protocol {
  const json = jsonProtocol({
    version: "1.0",
    namespace: "com.amazonaws.dynamodb.v20120810",
    targetPrefix,
  });
  return {
    parse: json.parse,
    failure: json.failure,
    success(output, call) {
      if (!(output instanceof RawJson)) return json.success(output, call);
      return {
        status: 200,
        headers: { "content-type": contentType, "x-amzn-requestid": call.requestId },
        body: output.text,
      };
    },
  };
}

const tables = protocolFor("DynamoDB_20120810");
const streams = protocolFor(streamsPrefix);

export function protocolOf(request: HttpRequest): Protocol {
  return request.headers["x-amz-target"]?.startsWith(`${streamsPrefix}.`) ? streams : tables;
}
