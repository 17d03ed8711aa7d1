/** The links inside messages: SubscribeURL and UnsubscribeURL are opened without a signature. */
import { AwsError } from "../error.ts";
import type { EdgeHandler, HttpRequest, Protocol } from "../service.ts";
import { notFound } from "./errors.ts";
import type { SnsState } from "./state.ts";
import type { subscriptionOperations } from "./subscription-operations.ts";

export function snsEdge(
  state: SnsState,
  protocol: Protocol,
  { confirm, unsubscribe }: ReturnType<typeof subscriptionOperations>,
): (request: HttpRequest) => EdgeHandler | undefined {
  async function answer(request: HttpRequest): Promise<unknown> {
    const parameter = (name: string) => request.query.get(name) ?? "";
    if (parameter("Action") === "ConfirmSubscription") {
      const { arn } = await confirm(parameter("TopicArn"), parameter("Token"), false);
      return { SubscriptionArn: arn };
    }
    const subscription = state.store.subscription(parameter("SubscriptionArn"));
    if (!subscription) throw notFound("Subscription");
    if (subscription.authenticated) {
      throw new AwsError(
        "AuthorizationError",
        "This subscription can only be ended by a signed request.",
        403,
      );
    }
    await unsubscribe(subscription);
    return undefined;
  }

  return (request) => {
    const action = request.query.get("Action");
    if (request.method !== "GET" || request.path !== "/" || request.headers.authorization) return undefined;
    if (action !== "ConfirmSubscription" && action !== "Unsubscribe") return undefined;
    if (request.query.has("X-Amz-Signature")) return undefined;
    return async (call) => {
      const named = { ...call, operation: action };
      try {
        return protocol.success(await answer(request), named);
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        return protocol.failure(error, { requestId: call.requestId, operation: action, request });
      }
    };
  };
}
