/** The resource policy of a function: who else may invoke it. */
import { randomUUID } from "node:crypto";
import type { PolicyDocument, PolicyStatement } from "../../iam/policy.ts";
import { type Operation, operation } from "../../service.ts";
import { conflict, invalid, notFound } from "../errors.ts";
import { functionArn } from "../names.ts";
import {
  checkRevision,
  type FunctionInput,
  onUnqualified,
  type Room,
  referenceOf,
  resolveVersion,
} from "../room.ts";
import { LATEST } from "../store.ts";

interface PermissionInput extends FunctionInput {
  readonly StatementId?: unknown;
  readonly Action?: unknown;
  readonly Principal?: unknown;
  readonly SourceArn?: unknown;
  readonly SourceAccount?: unknown;
  readonly EventSourceToken?: unknown;
  readonly PrincipalOrgID?: unknown;
  readonly FunctionUrlAuthType?: unknown;
  readonly InvokedViaFunctionUrl?: unknown;
}

/** The policy on the ARN as named: a function's own, or that of one of its versions or aliases. */
export function policyOf(room: Room, resourceArn: string): PolicyDocument | undefined {
  // Layers and event source mappings are resources of this service too.
  const found = /^arn:[^:]+:lambda:[^:]+:\d+:function:([^:]+)(?::(.+))?$/.exec(resourceArn);
  if (!found) return undefined;
  const stored = room.store.policy(found[1] ?? "", found[2] ?? LATEST);
  return stored ? { Version: "2012-10-17", Id: "default", Statement: stored.statements } : undefined;
}

export function policyOperations(room: Room): Record<string, Operation> {
  const { hub, store } = room;
  const key = (input: FunctionInput) => {
    const { name, qualifier } = referenceOf(input);
    return { name, qualifier: qualifier ?? LATEST };
  };

  return {
    AddPermission: operation<PermissionInput, object>({
      access: onUnqualified(hub, "AddPermission"),
      run(input) {
        const reference = referenceOf(input);
        resolveVersion(room, reference);
        const statement = readStatement(input, functionArn(hub, reference));
        const { name, qualifier } = key(input);
        const before = store.policy(name, qualifier);
        checkRevision(input.RevisionId, before?.revision ?? String(input.RevisionId));
        if (before?.statements.some(({ Sid }) => Sid === statement.Sid)) {
          throw conflict(
            `The statement id (${statement.Sid}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
          );
        }
        const statements = [...(before?.statements ?? []), statement];
        store.putPolicy(name, qualifier, { statements, revision: randomUUID() });
        return { $status: 201, Statement: JSON.stringify(statement) };
      },
    }),

    RemovePermission: operation<PermissionInput, object>({
      access: onUnqualified(hub, "RemovePermission"),
      run(input) {
        resolveVersion(room, referenceOf(input));
        const { name, qualifier } = key(input);
        const before = store.policy(name, qualifier);
        const left = before?.statements.filter(({ Sid }) => Sid !== input.StatementId) ?? [];
        if (!before || left.length === before.statements.length) {
          throw notFound(`Statement ${String(input.StatementId)} is not found in resource policy.`);
        }
        checkRevision(input.RevisionId, before.revision);
        store.putPolicy(name, qualifier, { statements: left, revision: randomUUID() });
        return { $status: 204 };
      },
    }),

    GetPolicy: operation<FunctionInput, object>({
      access: onUnqualified(hub, "GetPolicy"),
      run(input) {
        const reference = referenceOf(input);
        resolveVersion(room, reference);
        const { name, qualifier } = key(input);
        const stored = store.policy(name, qualifier);
        if (!stored) throw notFound("The resource you requested does not exist.");
        return {
          Policy: JSON.stringify({ Version: "2012-10-17", Id: "default", Statement: stored.statements }),
          RevisionId: stored.revision,
        };
      },
    }),
  };
}

function readStatement(input: PermissionInput, resource: string): PolicyStatement {
  const sid = String(input.StatementId ?? "");
  if (!/^[a-zA-Z0-9-_]{1,100}$/.test(sid)) throw invalid(`“${sid}” is not a valid StatementId.`);
  const action = String(input.Action ?? "");
  if (!/^(lambda:[*]|lambda:[a-zA-Z]+|[*])$/.test(action))
    throw invalid(`“${action}” is not a Lambda action.`);
  const equals: Record<string, string> = {};
  if (input.SourceAccount !== undefined) equals["AWS:SourceAccount"] = String(input.SourceAccount);
  if (input.EventSourceToken !== undefined)
    equals["lambda:EventSourceToken"] = String(input.EventSourceToken);
  if (input.PrincipalOrgID !== undefined) equals["aws:PrincipalOrgID"] = String(input.PrincipalOrgID);
  if (input.FunctionUrlAuthType !== undefined) {
    equals["lambda:FunctionUrlAuthType"] = String(input.FunctionUrlAuthType);
  }
  const condition = {
    ...(Object.keys(equals).length > 0 ? { StringEquals: equals } : {}),
    ...(input.SourceArn === undefined ? {} : { ArnLike: { "AWS:SourceArn": String(input.SourceArn) } }),
    ...(input.InvokedViaFunctionUrl === undefined
      ? {}
      : { Bool: { "lambda:InvokedViaFunctionUrl": String(input.InvokedViaFunctionUrl) } }),
  };
  return {
    Sid: sid,
    Effect: "Allow",
    Principal: readPrincipal(String(input.Principal ?? "")),
    Action: action,
    Resource: resource,
    ...(Object.keys(condition).length > 0 ? { Condition: condition } : {}),
  };
}

function readPrincipal(value: string): NonNullable<PolicyStatement["Principal"]> {
  if (value === "*") return "*";
  if (/^\d{12}$/.test(value)) return { AWS: `arn:aws:iam::${value}:root` };
  if (value.startsWith("arn:")) return { AWS: value };
  if (/^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$/.test(value)) return { Service: value };
  throw invalid(`The provided principal was invalid. Please check the principal and try again. (${value})`);
}
