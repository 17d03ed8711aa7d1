/** The management API: creating, reading, changing and deleting APIs and their parts. */
import { randomBytes } from "node:crypto";
import { AwsError } from "../error.ts";
import { type AccessRequest, type Call, type Hub, type Operation, operation } from "../service.ts";
import type { GroupCommit } from "../store/group-commit.ts";
import { type Input, invalid, requiredText, text, textMap, texts } from "./input.ts";
import type { Api, Parts, Stage } from "./model.ts";
import { newApi, readApi, readAuthorizer, readIntegration, readRoute, readStage } from "./parts.ts";
import type { ApiStore } from "./store.ts";

const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

/** Ten letters and digits, as AWS's ids are; the first is a letter, since hosts begin with it. */
function newId(length = 10): string {
  const bytes = [...randomBytes(length)];
  return bytes.map((byte, index) => alphabet[byte % (index === 0 ? 26 : 36)]).join("");
}

function isoDate(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}

function notFound(kind: string, id: string): AwsError {
  return new AwsError("NotFoundException", `Invalid ${kind} identifier specified ${id}`, 404);
}

const plurals = {
  route: "routes",
  integration: "integrations",
  authorizer: "authorizers",
  stage: "stages",
  deployment: "deployments",
} as const;
type PartKind = keyof typeof plurals;

const idMembers = {
  route: "routeId",
  integration: "integrationId",
  authorizer: "authorizerId",
  stage: "stageName",
  deployment: "deploymentId",
} as const;

export interface ApiGatewayState {
  readonly hub: Hub;
  readonly store: ApiStore;
  readonly commit: GroupCommit;
}

export function managementOperations({ hub, store, commit }: ApiGatewayState): Record<string, Operation> {
  const arn = (path: string) => `arn:aws:apigateway:${hub.region}::${path}`;
  const tagContext = (tags: Record<string, string> | undefined): AccessRequest["context"] => {
    if (!tags) return undefined;
    const requested = Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value]);
    return { "aws:TagKeys": Object.keys(tags), ...Object.fromEntries(requested) };
  };

  function apiOf(input: Input): Api {
    const id = requiredText(input, "apiId");
    const api = store.get(id, "api", id);
    if (!api) throw notFound("API", id);
    return api;
  }

  function present(api: Api) {
    return {
      ...api,
      apiEndpoint: `${hub.endpoint}/_api/${api.apiId}`,
      ipAddressType: "ipv4",
    };
  }

  function partOf<K extends PartKind>(input: Input, kind: K): Parts[K] {
    const id = requiredText(input, idMembers[kind]);
    const part = store.get(apiOf(input).apiId, kind, id);
    if (!part) throw notFound(kind[0]?.toUpperCase() + kind.slice(1), id);
    return part;
  }

  function onPart(verb: string, kind: PartKind, one: boolean) {
    return (input: Input): AccessRequest[] => {
      const path = `/apis/${requiredText(input, "apiId")}/${plurals[kind]}`;
      const resource = arn(one ? `${path}/${requiredText(input, idMembers[kind])}` : path);
      const context = kind === "stage" ? tagContext(textMap(input, "tags")) : undefined;
      return [{ action: `apigateway:${verb}`, resource, context }];
    };
  }

  /** Create, Get, list, Update and Delete of one kind of part. */
  function crud<K extends PartKind>(
    kind: K,
    names: { readonly one: string; readonly many: string },
    create: (input: Input, call: Call, api: Api) => Parts[K],
    change: (input: Input, before: Parts[K], call: Call) => Parts[K],
    show: (part: Parts[K]) => object = (part) => part,
  ): Record<string, Operation> {
    const idOf = (part: Parts[K]) => String((part as unknown as Input)[idMembers[kind]]);
    return {
      [`Create${names.one}`]: operation({
        access: onPart("POST", kind, false),
        async run(input: Input, call: Call) {
          const api = apiOf(input);
          const part = create(input, call, api);
          await commit.write(() => store.save(api.apiId, kind, idOf(part), part));
          return show(part);
        },
      }),
      [`Get${names.one}`]: operation({
        access: onPart("GET", kind, true),
        run: (input: Input) => show(partOf(input, kind)),
      }),
      [`Get${names.many}`]: operation({
        access: onPart("GET", kind, false),
        run: (input: Input) => page(store.all(apiOf(input).apiId, kind).map(show), input),
      }),
      [`Update${names.one}`]: operation({
        access: onPart("PATCH", kind, true),
        async run(input: Input, call: Call) {
          const api = apiOf(input);
          const part = change(input, partOf(input, kind), call);
          await commit.write(() => store.save(api.apiId, kind, idOf(part), part));
          return show(part);
        },
      }),
      [`Delete${names.one}`]: operation({
        access: onPart("DELETE", kind, true),
        async run(input: Input) {
          const part = partOf(input, kind);
          const api = apiOf(input).apiId;
          checkUnused(api, kind, idOf(part));
          await commit.write(() => store.remove(api, kind, idOf(part)));
        },
      }),
    };
  }

  function checkUnused(api: string, kind: PartKind, id: string): void {
    const target = `integrations/${id}`;
    if (kind === "integration" && store.all(api, "route").some((route) => route.target === target)) {
      throw new AwsError(
        "ConflictException",
        `Cannot delete Integration '${id}' because it is referenced by a route.`,
        409,
      );
    }
    if (kind === "deployment" && store.all(api, "stage").some(({ deploymentId }) => deploymentId === id)) {
      throw invalid("Active stages pointing to this deployment must be moved or deleted");
    }
  }

  function checkRouteKeyFree(api: string, key: string, except?: string): void {
    const taken = store
      .all(api, "route")
      .some(({ routeKey, routeId }) => routeKey === key && routeId !== except);
    if (taken) {
      throw new AwsError("ConflictException", `Route with key ${key} already exists for this API`, 409);
    }
  }

  /** The quick way: CreateApi with a target makes route, integration and stage along. */
  function quickParts(input: Input, api: Api, now: string): () => void {
    const target = text(input, "target");
    if (!target) return () => {};
    const integrationId = newId(7);
    const integration = readIntegration(
      {
        integrationType: target.startsWith("arn:") ? "AWS_PROXY" : "HTTP_PROXY",
        integrationUri: target,
        integrationMethod: target.startsWith("arn:") ? undefined : "ANY",
        payloadFormatVersion: target.startsWith("arn:") ? "2.0" : "1.0",
        credentialsArn: input.credentialsArn,
      },
      emptyIntegration(integrationId),
    );
    const routeId = newId(7);
    const route = readRoute(
      { routeKey: text(input, "routeKey") ?? "$default", target: `integrations/${integrationId}` },
      { routeId, routeKey: "", authorizationType: "NONE", apiKeyRequired: false },
    );
    const stage = {
      stageName: "$default",
      autoDeploy: true,
      createdDate: now,
      lastUpdatedDate: now,
      tags: {},
    };
    return () => {
      store.save(api.apiId, "integration", integrationId, integration);
      store.save(api.apiId, "route", routeId, route);
      store.save(api.apiId, "stage", stage.stageName, stage);
    };
  }

  /** The API or stage an ARN names. */
  function tagged(input: Input): {
    tags: Readonly<Record<string, string>>;
    save(tags: Record<string, string>): void;
  } {
    const resource = requiredText(input, "resourceArn");
    const match = /\/apis\/(\w+)(?:\/stages\/(.+))?$/.exec(resource);
    const [, apiId = "", stageName] = match ?? [];
    if (stageName === undefined) {
      const api = store.get(apiId, "api", apiId);
      if (!api) throw notFound("resource", resource);
      return { tags: api.tags, save: (tags) => store.save(apiId, "api", apiId, { ...api, tags }) };
    }
    const stage: Stage | undefined = store.get(apiId, "stage", stageName);
    if (!stage) throw notFound("resource", resource);
    return { tags: stage.tags, save: (tags) => store.save(apiId, "stage", stageName, { ...stage, tags }) };
  }
  const onTags = (verb: string) => (input: Input) => {
    const resource = arn(`/tags/${encodeURIComponent(requiredText(input, "resourceArn"))}`);
    return [{ action: `apigateway:${verb}`, resource, context: tagContext(textMap(input, "tags")) }];
  };
  const onApi = (verb: string) => (input: Input) => [
    { action: `apigateway:${verb}`, resource: arn(`/apis/${requiredText(input, "apiId")}`) },
  ];

  return {
    CreateApi: operation({
      access: (input: Input) => [
        { action: "apigateway:POST", resource: arn("/apis"), context: tagContext(textMap(input, "tags")) },
      ],
      async run(input: Input, call: Call) {
        requiredText(input, "protocolType");
        const now = isoDate(call.time);
        const api = newApi(input, newId(), now);
        const saveParts = quickParts(input, api, now);
        await commit.write(() => {
          store.save(api.apiId, "api", api.apiId, api);
          saveParts();
        });
        return present(api);
      },
    }),
    GetApi: operation({ access: onApi("GET"), run: (input: Input) => present(apiOf(input)) }),
    GetApis: operation({
      access: () => [{ action: "apigateway:GET", resource: arn("/apis") }],
      run(input: Input) {
        const apis = store.apis().flatMap((id) => store.get(id, "api", id) ?? []);
        return page(apis.map(present), input);
      },
    }),
    UpdateApi: operation({
      access: onApi("PATCH"),
      async run(input: Input) {
        const api = readApi(input, apiOf(input));
        await commit.write(() => store.save(api.apiId, "api", api.apiId, api));
        return present(api);
      },
    }),
    DeleteApi: operation({
      access: onApi("DELETE"),
      async run(input: Input) {
        const { apiId } = apiOf(input);
        await commit.write(() => store.removeApi(apiId));
      },
    }),
    DeleteCorsConfiguration: operation({
      access: (input: Input) => [
        { action: "apigateway:DELETE", resource: arn(`/apis/${requiredText(input, "apiId")}/cors`) },
      ],
      async run(input: Input) {
        const { corsConfiguration: _, ...api } = apiOf(input);
        await commit.write(() => store.save(api.apiId, "api", api.apiId, api));
      },
    }),
    ...crud(
      "route",
      { one: "Route", many: "Routes" },
      (input, _call, api) => {
        const route = readRoute(input, {
          routeId: newId(7),
          routeKey: requiredText(input, "routeKey"),
          authorizationType: "NONE",
          apiKeyRequired: false,
        });
        checkRouteKeyFree(api.apiId, route.routeKey);
        return route;
      },
      (input, before) => {
        const route = readRoute(input, before);
        checkRouteKeyFree(requiredText(input, "apiId"), route.routeKey, route.routeId);
        return route;
      },
    ),
    ...crud(
      "integration",
      { one: "Integration", many: "Integrations" },
      (input) => readIntegration(input, emptyIntegration(newId(7))),
      (input, before) => readIntegration(input, before),
    ),
    ...crud(
      "authorizer",
      { one: "Authorizer", many: "Authorizers" },
      (input) =>
        readAuthorizer(input, {
          authorizerId: newId(6),
          name: requiredText(input, "name"),
          authorizerType: requiredText(input, "authorizerType") === "JWT" ? "JWT" : "REQUEST",
          identitySource: [],
        }),
      (input, before) => readAuthorizer(input, before),
    ),
    ...crud(
      "stage",
      { one: "Stage", many: "Stages" },
      (input, call, api) => {
        const now = isoDate(call.time);
        const stageName = requiredText(input, "stageName");
        if (store.get(api.apiId, "stage", stageName)) {
          throw new AwsError("ConflictException", "Stage already exists", 409);
        }
        const tags = textMap(input, "tags") ?? {};
        return readStage(
          input,
          { stageName, autoDeploy: false, createdDate: now, lastUpdatedDate: now, tags },
          now,
        );
      },
      (input, before, call) => readStage(input, before, isoDate(call.time)),
    ),
    ...crud(
      "deployment",
      { one: "Deployment", many: "Deployments" },
      (input, call, api) => {
        if (store.all(api.apiId, "route").length === 0) {
          throw invalid("At least one route is required before deploying the API.");
        }
        const deploymentId = newId(6);
        const stageName = text(input, "stageName");
        if (stageName !== undefined) {
          const stage = store.get(api.apiId, "stage", stageName);
          if (!stage) throw notFound("stage", stageName);
          store.save(api.apiId, "stage", stageName, { ...stage, deploymentId });
        }
        return {
          deploymentId,
          createdDate: isoDate(call.time),
          deploymentStatus: "DEPLOYED",
          description: text(input, "description"),
          autoDeployed: false,
          snapshot: store.configuration(api.apiId),
        };
      },
      (input, before) => ({ ...before, description: text(input, "description") ?? before.description }),
      ({ snapshot: _, ...deployment }) => deployment,
    ),
    TagResource: operation({
      access: onTags("POST"),
      async run(input: Input) {
        const resource = tagged(input);
        const tags = { ...resource.tags, ...textMap(input, "tags") };
        await commit.write(() => resource.save(tags));
      },
    }),
    UntagResource: operation({
      access: onTags("DELETE"),
      async run(input: Input) {
        const resource = tagged(input);
        const gone = new Set(texts(input, "tagKeys"));
        const rest = Object.entries(resource.tags).filter(([key]) => !gone.has(key));
        await commit.write(() => resource.save(Object.fromEntries(rest)));
      },
    }),
    GetTags: operation({ access: onTags("GET"), run: (input: Input) => ({ tags: tagged(input).tags }) }),
  };
}

function emptyIntegration(integrationId: string) {
  return {
    integrationId,
    integrationType: "" as "AWS_PROXY",
    integrationUri: "",
    connectionType: "INTERNET",
    payloadFormatVersion: "1.0" as const,
    timeoutInMillis: 30_000,
  };
}

function page(
  all: readonly object[],
  input: Input,
): { items: readonly object[]; nextToken: string | undefined } {
  const size = Number(text(input, "maxResults") ?? all.length);
  const start = Number(text(input, "nextToken") ?? 0);
  if (!Number.isInteger(start) || start < 0 || !Number.isInteger(size)) throw invalid("Invalid nextToken.");
  const end = start + size;
  return { items: all.slice(start, end), nextToken: end < all.length ? String(end) : undefined };
}
