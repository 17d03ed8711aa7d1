/** The shape of an answer to a request that names no service we know. */
import { jsonProtocol } from "../protocol/json.ts";
import { queryProtocol } from "../protocol/query.ts";
import { xml } from "../protocol/rest-xml.ts";
import type { HttpRequest, Protocol } from "../service.ts";

const json = jsonProtocol({ version: "1.1", namespace: "com.amazon.coral.service", targetPrefix: "" });
const query = queryProtocol({ xmlns: "http://webservices.amazon.com/AWSFault/2005-15-09" });

/** S3's form of an error, which is also what a person with curl reads best. */
const plain: Protocol = {
  parse: () => ({ operation: "", input: undefined }),
  success: () => ({ status: 200 }),
  failure: (error, { requestId }) => ({
    status: error.status,
    headers: { "content-type": "application/xml", "x-amz-request-id": requestId },
    body: xml("Error", { Code: error.code, Message: error.message, RequestId: requestId }),
  }),
};

/** Guesses a client's protocol from its request. */
export function fallbackProtocol(request: HttpRequest): Protocol {
  const type = request.headers["content-type"] ?? "";
  if (request.headers["x-amz-target"] !== undefined || type.includes("json")) return json;
  // A form that is no POST is a file to S3: curl calls everything one.
  const form = request.method === "POST" && type.startsWith("application/x-www-form-urlencoded");
  if (form || request.query.has("Action")) return query;
  return plain;
}
