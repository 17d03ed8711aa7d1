/** Function URL configurations. */
import { randomBytes } from "node:crypto";
import { type Operation, operation } from "../../service.ts";
import { describeUrl } from "../describe.ts";
import { conflict, invalid, notFound } from "../errors.ts";
import type { FunctionUrl, UrlCors } from "../model.ts";
import {
  type FunctionInput,
  onFunction,
  onUnqualified,
  page,
  type Room,
  referenceOf,
  requireFunction,
  resolveVersion,
} from "../room.ts";
import { choice, integer, member, strings } from "../settings.ts";
import { LATEST } from "../store.ts";

interface UrlInput extends FunctionInput {
  readonly AuthType?: unknown;
  readonly Cors?: unknown;
  readonly InvokeMode?: unknown;
}

const AUTH_TYPES = ["NONE", "AWS_IAM"] as const;
const INVOKE_MODES = ["BUFFERED", "RESPONSE_STREAM"] as const;

export function urlOperations(room: Room): Record<string, Operation> {
  const { hub, store } = room;

  function requireUrl(input: UrlInput): FunctionUrl {
    const { name, qualifier } = referenceOf(input);
    requireFunction(room, { name, qualifier });
    const found = store.urlOf(name, qualifier === LATEST ? undefined : qualifier);
    if (!found) throw notFound("The resource you requested does not exist.");
    return found;
  }

  return {
    CreateFunctionUrlConfig: operation<UrlInput, object>({
      access: onFunction(hub, "CreateFunctionUrlConfig"),
      run(input, call) {
        const reference = referenceOf(input);
        resolveVersion(room, reference);
        const qualifier = reference.qualifier === LATEST ? undefined : reference.qualifier;
        if (qualifier !== undefined && /^\d+$/.test(qualifier)) {
          throw invalid("A function URL belongs to $LATEST or to an alias, not to a version.");
        }
        if (store.urlOf(reference.name, qualifier)) {
          throw conflict(`FunctionUrlConfig exists for this Lambda function`);
        }
        const now = new Date().toISOString();
        const created = change(input, {
          id: urlId(),
          functionName: reference.name,
          qualifier,
          authType: choice("authType", input.AuthType, AUTH_TYPES),
          invokeMode: "BUFFERED",
          cors: undefined,
          created: now,
          modified: now,
        });
        store.putUrl(created);
        return { $status: 201, ...describeUrl(created, call) };
      },
    }),

    GetFunctionUrlConfig: operation<UrlInput, object>({
      access: onFunction(hub, "GetFunctionUrlConfig"),
      run: (input, call) => describeUrl(requireUrl(input), call),
    }),

    UpdateFunctionUrlConfig: operation<UrlInput, object>({
      access: onFunction(hub, "UpdateFunctionUrlConfig"),
      run(input, call) {
        const changed = { ...change(input, requireUrl(input)), modified: new Date().toISOString() };
        store.putUrl(changed);
        return describeUrl(changed, call);
      },
    }),

    DeleteFunctionUrlConfig: operation<UrlInput, object>({
      access: onFunction(hub, "DeleteFunctionUrlConfig"),
      run(input) {
        store.removeUrl(requireUrl(input).id);
        return { $status: 204 };
      },
    }),

    ListFunctionUrlConfigs: operation<UrlInput & { Marker?: unknown; MaxItems?: unknown }, object>({
      access: onUnqualified(hub, "ListFunctionUrlConfigs"),
      run(input, call) {
        const { name } = requireFunction(room, referenceOf(input));
        const { items, next } = page(store.urlsOf(name), input);
        return {
          FunctionUrlConfigs: items.map((url) => describeUrl(url, call)),
          ...(next ? { NextMarker: next } : {}),
        };
      },
    }),
  };
}

function change(input: UrlInput, before: FunctionUrl): FunctionUrl {
  return {
    ...before,
    ...(input.AuthType === undefined ? {} : { authType: choice("authType", input.AuthType, AUTH_TYPES) }),
    ...(input.InvokeMode === undefined
      ? {}
      : { invokeMode: choice("invokeMode", input.InvokeMode, INVOKE_MODES) }),
    ...(input.Cors === undefined ? {} : { cors: readCors(input.Cors) }),
  };
}

function readCors(value: unknown): UrlCors | undefined {
  if (value === null || typeof value !== "object" || Object.keys(value).length === 0) return undefined;
  const list = (name: string) => {
    const given = member(value, name);
    return given === undefined || given === null ? {} : { [name]: strings(`Cors.${name}`, given) };
  };
  const credentials = member(value, "AllowCredentials");
  const age = member(value, "MaxAge");
  return {
    ...list("AllowHeaders"),
    ...list("AllowMethods"),
    ...list("AllowOrigins"),
    ...list("ExposeHeaders"),
    ...(typeof credentials === "boolean" ? { AllowCredentials: credentials } : {}),
    ...(age === undefined || age === null ? {} : { MaxAge: integer("Cors.MaxAge", age, 0, 86_400) }),
  };
}

/** 32 letters and digits, as AWS's are: long enough to be nobody's guess. */
function urlId(): string {
  return Array.from(randomBytes(32), (byte) => (byte % 36).toString(36)).join("");
}
