/** Which permissions the management operations take: API Gateway's actions are HTTP methods on its own paths. */
import type { AccessRequest, Hub } from "../service.ts";
import { type Input, requiredText, textMap } from "./input.ts";

const plurals = {
  route: "routes",
  integration: "integrations",
  authorizer: "authorizers",
  stage: "stages",
  deployment: "deployments",
} as const;
export type PartKind = keyof typeof plurals;

export const idMembers = {
  route: "routeId",
  integration: "integrationId",
  authorizer: "authorizerId",
  stage: "stageName",
  deployment: "deploymentId",
} as const;

export type Access = (input: Input) => AccessRequest[];

export function accessTo(hub: Hub) {
  const arn = (path: string) => `arn:aws:apigateway:${hub.region}::${path}`;
  return {
    onApis:
      (verb: string): Access =>
      (input) => [
        { action: `apigateway:${verb}`, resource: arn("/apis"), context: tagContext(textMap(input, "tags")) },
      ],
    onApi:
      (verb: string, below = ""): Access =>
      (input) => [
        { action: `apigateway:${verb}`, resource: arn(`/apis/${requiredText(input, "apiId")}${below}`) },
      ],
    /** On one part of an API, or on all of its kind. */
    onPart:
      (verb: string, kind: PartKind, one: boolean): Access =>
      (input) => {
        const path = `/apis/${requiredText(input, "apiId")}/${plurals[kind]}`;
        const resource = arn(one ? `${path}/${requiredText(input, idMembers[kind])}` : path);
        const context = kind === "stage" ? tagContext(textMap(input, "tags")) : undefined;
        return [{ action: `apigateway:${verb}`, resource, context }];
      },
    onTags:
      (verb: string): Access =>
      (input) => {
        const resource = arn(`/tags/${encodeURIComponent(requiredText(input, "resourceArn"))}`);
        return [{ action: `apigateway:${verb}`, resource, context: tagContext(textMap(input, "tags")) }];
      },
  };
}

function tagContext(tags: Record<string, string> | undefined): AccessRequest["context"] {
  if (!tags) return undefined;
  const requested = Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value]);
  return { "aws:TagKeys": Object.keys(tags), ...Object.fromEntries(requested) };
}
