/** The program's transforms: asked, in order, what each resource and each call shall look like. */

import type { Callback } from "@pulumi/pulumi/proto/callback_pb.js";
import type { RegisterResourceRequest, ResourceInvokeRequest } from "@pulumi/pulumi/proto/resource_pb.js";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import type { Callbacks } from "./callbacks.ts";
import type { Sdk } from "./sdk.ts";

/**
 * Applies transforms to a registration, in place. Those of the resource itself come first, then its parents', then
 * the stack's.
 */
export async function transformRegistration(
  sdk: Sdk,
  callbacks: Callbacks,
  chain: readonly Callback[],
  request: RegisterResourceRequest,
): Promise<void> {
  for (const callback of chain) {
    const ask = new sdk.resource.TransformRequest();
    ask.setType(request.getType());
    ask.setName(request.getName());
    ask.setCustom(request.getCustom());
    ask.setParent(request.getParent());
    ask.setProperties(request.getObject());
    ask.setOptions(optionsOf(sdk, request));
    const answer = sdk.resource.TransformResponse.deserializeBinary(await callbacks.invoke(callback, ask));
    const properties = answer.getProperties();
    if (properties) request.setObject(properties);
    applyOptions(request, answer.getOptions());
  }
}

type TransformOptions = InstanceType<Sdk["resource"]["TransformResourceOptions"]>;

function optionsOf(sdk: Sdk, request: RegisterResourceRequest): TransformOptions {
  const options = new sdk.resource.TransformResourceOptions();
  options.setDependsOnList(request.getDependenciesList());
  if (request.hasProtect()) options.setProtect(request.getProtect() ?? false);
  options.setIgnoreChangesList(request.getIgnorechangesList());
  options.setReplaceOnChangesList(request.getReplaceonchangesList());
  options.setVersion(request.getVersion());
  options.setAliasesList(request.getAliasesList());
  options.setProvider(request.getProvider());
  options.setCustomTimeouts(request.getCustomtimeouts());
  options.setPluginDownloadUrl(request.getPlugindownloadurl());
  if (request.hasRetainondelete()) options.setRetainOnDelete(request.getRetainondelete() ?? false);
  options.setDeletedWith(request.getDeletedwith());
  options.setReplaceWithList(request.getReplaceWithList());
  options.setReplacementTrigger(request.getReplacementTrigger());
  if (request.getDeletebeforereplacedefined())
    options.setDeleteBeforeReplace(request.getDeletebeforereplace());
  options.setAdditionalSecretOutputsList(request.getAdditionalsecretoutputsList());
  options.setHooks(request.getHooks());
  options.setImport(request.getImportid());
  for (const [name, reference] of request.getProvidersMap().entries())
    options.getProvidersMap().set(name, reference);
  return options;
}

function applyOptions(request: RegisterResourceRequest, options: TransformOptions | undefined): void {
  if (!options) return;
  request.setDependenciesList(options.getDependsOnList());
  if (options.hasProtect()) request.setProtect(options.getProtect() ?? false);
  else request.clearProtect();
  request.setIgnorechangesList(options.getIgnoreChangesList());
  request.setReplaceonchangesList(options.getReplaceOnChangesList());
  if (options.getVersion() !== "") request.setVersion(options.getVersion());
  request.setAliasesList(options.getAliasesList());
  request.setProvider(options.getProvider());
  request.setCustomtimeouts(options.getCustomTimeouts());
  if (options.hasRetainOnDelete()) request.setRetainondelete(options.getRetainOnDelete() ?? false);
  else request.clearRetainondelete();
  request.setDeletedwith(options.getDeletedWith());
  request.setReplaceWithList(options.getReplaceWithList());
  request.setReplacementTrigger(options.getReplacementTrigger());
  request.setDeletebeforereplacedefined(options.hasDeleteBeforeReplace());
  request.setDeletebeforereplace(options.getDeleteBeforeReplace() ?? false);
  request.setAdditionalsecretoutputsList(options.getAdditionalSecretOutputsList());
  if (options.hasHooks()) request.setHooks(options.getHooks());
  request.setImportid(options.getImport());
}

/** Applies invoke transforms to a call, in place. */
export async function transformInvoke(
  sdk: Sdk,
  callbacks: Callbacks,
  chain: readonly Callback[],
  request: ResourceInvokeRequest,
): Promise<void> {
  for (const callback of chain) {
    const ask = new sdk.resource.TransformInvokeRequest();
    ask.setToken(request.getTok());
    ask.setArgs(request.getArgs() as Struct | undefined);
    const options = new sdk.resource.TransformInvokeOptions();
    options.setProvider(request.getProvider());
    options.setVersion(request.getVersion());
    options.setPluginDownloadUrl(request.getPlugindownloadurl());
    ask.setOptions(options);
    const answer = sdk.resource.TransformInvokeResponse.deserializeBinary(
      await callbacks.invoke(callback, ask),
    );
    if (answer.getArgs()) request.setArgs(answer.getArgs());
    const changed = answer.getOptions();
    if (!changed) continue;
    request.setProvider(changed.getProvider());
    if (changed.getVersion() !== "") request.setVersion(changed.getVersion());
  }
}
