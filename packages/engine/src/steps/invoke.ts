/** Functions of providers, and the one of the engine's own: a resource by its URN. */

import type { ResourceInvokeRequest, ResourceInvokeResponse } from "@pulumi/pulumi/proto/resource_pb.js";
import type { Deployment } from "../deployment.ts";
import type { Sdk } from "../sdk.ts";
import { packageOf } from "../urn.ts";
import { plainProperties } from "../values/plain.ts";
import { decodeStruct, encodeStruct } from "../values/struct.ts";
import { unwrapProperties } from "../values/wire.ts";
import { providerReference } from "./provider-resource.ts";

export async function callFunction(
  deployment: Deployment,
  sdk: Sdk,
  request: ResourceInvokeRequest,
): Promise<ResourceInvokeResponse> {
  const response = new sdk.resource.ResourceInvokeResponse();
  const token = request.getTok();
  const args = decodeStruct(request.getArgs());
  if (token === "pulumi:pulumi:getResource") {
    const urn = String(args.urn);
    const state = deployment.news.get(urn);
    if (!state) throw new Error(`there is no resource ${urn} in this program`);
    response.setReturn(encodeStruct(sdk, { urn, id: state.id ?? "", state: state.outputs }));
    return response;
  }
  if (deployment.cancelled) throw new Error(`${token} was not called: the run was cancelled`);
  if (waitsForCreation(deployment, request.getDependsonList())) {
    response.setUnknown(true);
    return response;
  }
  const provider = deployment.handlers.provider(packageOf(token));
  if (!provider) throw new Error(`no provider for the function ${token}`);
  if (!provider.invoke) throw new Error(`the provider "${provider.name}" has no functions, so no ${token}`);
  const reference = await providerReference(
    deployment,
    request.getProvider(),
    packageOf(token),
    request.getVersion(),
  );
  const context = { preview: deployment.preview, config: deployment.providerConfig(reference) };
  const answer = await provider.invoke(token, unwrapProperties(args), context);
  response.setReturn(encodeStruct(sdk, plainProperties(answer, `the result of ${token}`)));
  return response;
}

/** In a preview, a function that depends on what is yet to be created cannot be called. */
function waitsForCreation(deployment: Deployment, dependencies: readonly string[]): boolean {
  return dependencies.some((urn) => {
    const state = deployment.news.get(urn);
    return (
      deployment.skipped.has(urn) || (deployment.preview && state?.custom === true && state.id === undefined)
    );
  });
}
