/** The stack's outputs are settled last: whether the run went well decides what becomes of the earlier ones. */

import { isDeepStrictEqual } from "node:util";
import type { Deployment } from "../deployment.ts";
import type { Properties } from "../provider.ts";

/** After a failure an output that is missing may only not have been reached: the earlier one stays. */
export function settleStackOutputs(deployment: Deployment): void {
  const stack = deployment.news.get(deployment.rootUrn);
  const registered = deployment.registeredOutputs;
  if (!stack || !registered) return;
  const earlier = deployment.olds.get(stack.urn)?.outputs ?? {};
  const incomplete = deployment.failed || deployment.cancelled;
  const outputs: Properties = incomplete ? { ...earlier, ...registered } : registered;
  deployment.stackOutputs = outputs;
  const settled = { ...stack, outputs };
  deployment.news.set(stack.urn, settled);
  if (!isDeepStrictEqual(stack.outputs, outputs)) deployment.ledger.note({ put: [settled] });
  deployment.announceOutputs(settled);
}
