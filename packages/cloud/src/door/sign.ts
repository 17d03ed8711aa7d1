/** Signs requests by hand, for tests and benchmarks that send what no SDK would. */
import { createHmac, hash } from "node:crypto";
import type { Credentials } from "../service.ts";

export interface UnsignedRequest {
  readonly method: string;
  /** As sent: percent-encoded. */
  readonly path: string;
  /** As sent, without the question mark; names sorted. */
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The payload hash to declare; default: that of the body. */
  readonly payloadHash?: string;
  readonly body?: string | Uint8Array;
}

export interface SigningOptions {
  readonly credentials: Credentials;
  readonly service: string;
  readonly host: string;
  readonly region?: string;
  readonly time?: number;
}

export interface SignedHeaders {
  readonly headers: Record<string, string>;
  /** Signs the chunks of a streamed body, in order. */
  readonly chunk: (data: string | Uint8Array) => string;
}

const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();

export function sign(request: UnsignedRequest, options: SigningOptions): SignedHeaders {
  const { credentials, service, host, region = "us-east-1", time = Date.now() } = options;
  const date = new Date(time).toISOString().replace(/[-:]|\.\d+/g, "");
  const day = date.slice(0, 8);
  const payloadHash = request.payloadHash ?? hash("sha256", request.body ?? "");
  const headers: Record<string, string> = {
    ...request.headers,
    host,
    "x-amz-date": date,
    "x-amz-content-sha256": payloadHash,
    ...(credentials.sessionToken && { "x-amz-security-token": credentials.sessionToken }),
  };
  const names = Object.keys(headers).sort();
  const path =
    service === "s3"
      ? request.path
      : request.path
          .split("/")
          .map((segment) => encodeURIComponent(segment))
          .join("/");
  const canonical = [
    request.method,
    path,
    request.query ?? "",
    names.map((name) => `${name}:${headers[name]?.trim().replace(/ {2,}/g, " ")}\n`).join(""),
    names.join(";"),
    payloadHash,
  ].join("\n");
  const scope = `${day}/${region}/${service}/aws4_request`;
  const key = hmac(
    hmac(hmac(hmac(`AWS4${credentials.secretAccessKey}`, day), region), service),
    "aws4_request",
  );
  let signature = hmac(key, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${hash("sha256", canonical)}`).toString(
    "hex",
  );
  headers.authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
  return {
    headers,
    chunk(data) {
      const text = `AWS4-HMAC-SHA256-PAYLOAD\n${date}\n${scope}\n${signature}\n${hash("sha256", "")}\n${hash("sha256", data)}`;
      signature = hmac(key, text).toString("hex");
      return signature;
    },
  };
}
