/** CORS: which pages may call a bucket, as its rules say. */
import { AwsError } from "../error.ts";
import { childOf, listOf, parseXml, textOf, type XmlElement } from "../protocol/rest-xml.ts";
import type { HttpRequest, Operation } from "../service.ts";
import type { Bucket } from "./bucket-store.ts";
import type { S3Context } from "./context.ts";
import { s3Operation } from "./input.ts";
import { locate } from "./location.ts";

export interface CorsRule {
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  readonly expose: readonly string[];
  readonly maxAge: string | undefined;
}

function readRules(text: string): CorsRule[] {
  const texts = (rule: XmlElement, name: string) =>
    listOf(rule[name]).filter((item) => typeof item === "string");
  return listOf(childOf(parseXml(text), "CORSConfiguration")?.CORSRule).flatMap((rule) =>
    typeof rule === "string"
      ? []
      : [
          {
            origins: texts(rule, "AllowedOrigin"),
            methods: texts(rule, "AllowedMethod"),
            headers: texts(rule, "AllowedHeader").map((header) => header.toLowerCase()),
            expose: texts(rule, "ExposeHeader"),
            maxAge: textOf(rule, "MaxAgeSeconds"),
          },
        ],
  );
}

/** One `*` at most, anywhere. */
function matches(pattern: string, text: string): boolean {
  const star = pattern.indexOf("*");
  if (star < 0) return pattern === text;
  return (
    text.length >= pattern.length - 1 &&
    text.startsWith(pattern.slice(0, star)) &&
    text.endsWith(pattern.slice(star + 1))
  );
}

interface CorsRequest {
  readonly origin: string;
  readonly method: string;
  readonly headers: readonly string[];
}

/** The headers that let a page have the answer, or nothing. */
export function corsAnswer(
  rules: readonly CorsRule[],
  { origin, method, headers }: CorsRequest,
): Record<string, string> | undefined {
  for (const rule of rules) {
    const allowedOrigin = rule.origins.find((pattern) => matches(pattern, origin));
    if (allowedOrigin === undefined || !rule.methods.includes(method)) continue;
    if (!headers.every((header) => rule.headers.some((pattern) => matches(pattern, header)))) continue;
    const answer: Record<string, string> = {
      "access-control-allow-origin": allowedOrigin === "*" ? "*" : origin,
      "access-control-allow-methods": rule.methods.join(", "),
      vary: "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
    };
    if (allowedOrigin !== "*") answer["access-control-allow-credentials"] = "true";
    if (headers.length > 0) answer["access-control-allow-headers"] = headers.join(", ");
    if (rule.expose.length > 0) answer["access-control-expose-headers"] = rule.expose.join(", ");
    if (rule.maxAge !== undefined) answer["access-control-max-age"] = rule.maxAge;
    return answer;
  }
  return undefined;
}

export interface Cors {
  /** Added to every answer to a page. */
  headers(request: HttpRequest): Readonly<Record<string, string>>;
  readonly operations: Record<string, Operation>;
}

export function openCors({ buckets }: Pick<S3Context, "buckets">): Cors {
  const known = new WeakMap<Bucket, { readonly text: string; readonly rules: readonly CorsRule[] }>();

  function rulesOf(bucketName: string): readonly CorsRule[] | undefined {
    const bucket = buckets.find(bucketName);
    const text = bucket?.settings.get("cors");
    if (bucket === undefined || text === undefined) return undefined;
    let entry = known.get(bucket);
    if (entry?.text !== text) {
      entry = { text, rules: readRules(text) };
      known.set(bucket, entry);
    }
    return entry.rules;
  }

  const refused = (message: string) => new AwsError("AccessForbidden", `CORSResponse: ${message}`, 403, {});

  return {
    headers(request) {
      const { origin } = request.headers;
      // A preflight answers for itself.
      if (origin === undefined || request.method === "OPTIONS") return {};
      let bucket: string;
      try {
        bucket = locate(request.path).bucket;
      } catch {
        return {};
      }
      const rules = rulesOf(bucket);
      return (rules && corsAnswer(rules, { origin, method: request.method, headers: [] })) ?? {};
    },
    operations: {
      /** The question a browser asks first; it carries no signature and tells nothing of what is there. */
      PreflightRequest: s3Operation({
        access: "self",
        run({ bucket, headers }) {
          const { origin, "access-control-request-method": method } = headers;
          if (!origin || !method) {
            throw new AwsError("BadRequest", "Insufficient information. Origin request header needed.");
          }
          const rules = rulesOf(bucket);
          if (rules === undefined) throw refused("CORS is not enabled for this bucket.");
          const asked = (headers["access-control-request-headers"] ?? "")
            .split(",")
            .map((header) => header.trim().toLowerCase())
            .filter((header) => header !== "");
          const answer = corsAnswer(rules, { origin, method, headers: asked });
          if (answer === undefined) {
            throw refused(
              "This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.",
            );
          }
          return { status: 200, headers: answer };
        },
      }),
    },
  };
}
