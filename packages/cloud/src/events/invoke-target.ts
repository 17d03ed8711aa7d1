/** Handing a payload to a target, as the service or as the role it was given; shared with the Scheduler. */
import { AwsError, notImplemented } from "../error.ts";
import type { Hub, Principal } from "../service.ts";

export interface TargetCall {
  readonly arn: string;
  readonly payload: string;
  readonly messageGroupId?: string;
  /** For event buses: what the payload is announced as. */
  readonly event?: {
    readonly Source: string;
    readonly DetailType: string;
    readonly Detail: string;
    readonly Resources?: readonly string[];
    readonly Time?: string;
  };
  readonly as: Principal;
}

export type TargetKind = "lambda" | "sqs" | "sns" | "events";

/** What kind of target an ARN names; undefined for kinds this cloud does not deliver to. */
export function targetKind(arn: string): TargetKind | undefined {
  const [, , service, , , resource = ""] = arn.split(":");
  if (service === "lambda" || service === "sqs" || service === "sns") return service;
  return service === "events" && resource.startsWith("event-bus/") ? "events" : undefined;
}

/** The principal a role gives its sessions, when it trusts the service that acts on behalf of the source. */
export function sessionOf(hub: Hub, roleArn: string, service: string, sourceArn: string): Principal {
  const [sessionName = service] = service.split(".");
  const { accessKeyId, sessionToken } = hub.assumeRole(roleArn, sessionName, service, sourceArn);
  const key = hub.accessKey(accessKeyId, sessionToken);
  if (!key) throw new AwsError("AccessDenied", `There is no role ${roleArn} to act as.`, 403);
  return key.principal;
}

/** Whether a service could act as a role: what AWS asks when a role is handed to it. */
export function trusts(hub: Hub, roleArn: string, service: string, sourceArn: string): boolean {
  try {
    sessionOf(hub, roleArn, service, sourceArn);
    return true;
  } catch {
    return false;
  }
}

export async function invokeTarget(hub: Hub, { arn, payload, messageGroupId, event, as }: TargetCall) {
  switch (targetKind(arn)) {
    case "lambda":
      await hub.call({
        service: "lambda",
        operation: "Invoke",
        input: { FunctionName: arn, InvocationType: "Event", Payload: payload },
        as,
      });
      return;
    case "sqs":
      await hub.call({
        service: "sqs",
        operation: "SendMessage",
        input: {
          QueueUrl: arn.split(":").slice(4).join("/"),
          MessageBody: payload,
          MessageGroupId: messageGroupId,
        },
        as,
      });
      return;
    case "sns":
      await hub.call({
        service: "sns",
        operation: "Publish",
        input: { TopicArn: arn, Message: payload },
        as,
      });
      return;
    case "events": {
      const output = await hub.call({
        service: "events",
        operation: "PutEvents",
        input: { Entries: [{ ...event, EventBusName: arn }] },
        as,
      });
      const { Entries = [] } = output as { Entries?: { ErrorCode?: string; ErrorMessage?: string }[] };
      const { ErrorCode, ErrorMessage = "" } = Entries[0] ?? {};
      if (ErrorCode) throw new AwsError(ErrorCode, ErrorMessage, ErrorCode === "InternalFailure" ? 500 : 400);
      return;
    }
    default:
      throw notImplemented("events", `a target like ${arn}`);
  }
}

/** Denials, missing targets and the like will be the same next time. */
export function isFinal(error: unknown): boolean {
  if (!(error instanceof AwsError) || error.status === 429) return false;
  return error.status < 500 || error.status === 501;
}
