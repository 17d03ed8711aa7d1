/** Calling a function on behalf of an API: as the service, or as the role that was given for it. */
import { sessionOf } from "../events/invoke-target.ts";
import type { Call, Hub } from "../service.ts";
import { gatewayPrincipal } from "./exchange.ts";

export interface FunctionCall {
  readonly call: Call;
  readonly functionArn: string;
  readonly payload: object;
  readonly sourceArn: string;
  readonly credentialsArn: string | undefined;
  /** Milliseconds. */
  readonly timeout: number;
}

export interface FunctionAnswer {
  readonly payload: Buffer;
  readonly failed: boolean;
  readonly timedOut?: boolean;
}

const nothing = Buffer.alloc(0);

/** Never fails: what goes wrong is an answer too, since the client only sees an HTTP status. */
export async function callFunction(hub: Hub, request: FunctionCall): Promise<FunctionAnswer> {
  const { call, functionArn, payload, sourceArn, credentialsArn, timeout } = request;
  let timer: NodeJS.Timeout | undefined;
  try {
    const invocation = hub.call({
      service: "lambda",
      operation: "Invoke",
      input: {
        FunctionName: functionArn,
        InvocationType: "RequestResponse",
        Payload: JSON.stringify(payload),
      },
      as: credentialsArn
        ? sessionOf(hub, credentialsArn, "apigateway.amazonaws.com", sourceArn)
        : gatewayPrincipal(call, sourceArn),
    });
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, timeout, undefined);
    });
    const output = (await Promise.race([invocation, late])) as
      | { Payload?: Buffer; FunctionError?: string }
      | undefined;
    if (!output) {
      // Its result comes too late for anybody.
      invocation.catch(() => {});
      return { payload: nothing, failed: true, timedOut: true };
    }
    return { payload: output.Payload ?? nothing, failed: output.FunctionError !== undefined };
  } catch {
    // The audit log has denials, the function's log its errors.
    return { payload: nothing, failed: true };
  } finally {
    clearTimeout(timer);
  }
}
