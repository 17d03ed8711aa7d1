/** Pulumi's `ResourceMonitor` and `Engine` services, whatever carries the messages. */

import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Callback } from "@pulumi/pulumi/proto/callback_pb.js";
import type * as engineProto from "@pulumi/pulumi/proto/engine_pb.js";
import type * as resourceProto from "@pulumi/pulumi/proto/resource_pb.js";
import type { Callbacks } from "./callbacks.ts";
import type { Deployment } from "./deployment.ts";
import { goalOf, urnOf, validateToken } from "./registration.ts";
import type { Sdk } from "./sdk.ts";
import type { ResourceState } from "./state/resource.ts";
import { deleteLeftovers } from "./steps/delete.ts";
import { attachHooks, type HookRegistry } from "./steps/hooks.ts";
import { callFunction } from "./steps/invoke.ts";
import { readExisting } from "./steps/read.ts";
import { register } from "./steps/register.ts";
import { transformInvoke, transformRegistration } from "./transforms.ts";
import { ROOT_TYPE, type Urn } from "./urn.ts";
import { settleInputs } from "./values/assets.ts";
import { decodeStruct, encodeStruct } from "./values/struct.ts";
import { dropUnknown } from "./values/wire.ts";

/** Answered to a call of something that is deliberately not there. */
export class UnimplementedError extends Error {
  readonly code = 12;
}

export type Monitor = ReturnType<typeof createMonitor>;

export function createMonitor(deployment: Deployment, sdk: Sdk, callbacks: Callbacks) {
  const { resource: proto, empty } = sdk;
  const feature = proto.ResourceMonitorFeature;
  const features = [
    feature.RESOURCE_MONITOR_FEATURE_SECRETS,
    feature.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
    feature.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES,
    feature.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    feature.RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER,
    feature.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
    feature.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
    feature.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
    feature.RESOURCE_MONITOR_FEATURE_INVOKE_TRANSFORMS,
    feature.RESOURCE_MONITOR_FEATURE_PARAMETERIZATION,
    feature.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
    feature.RESOURCE_MONITOR_FEATURE_ERROR_HOOKS,
    feature.RESOURCE_MONITOR_FEATURE_INVOKE_DEPENDS_ON,
    // An SDK older than a feature does not know its number.
  ].filter((number) => number !== undefined);
  const legacyFeatures = new Set([
    "secrets",
    "resourceReferences",
    "outputValues",
    "aliasSpecs",
    "deletedWith",
    "replaceWith",
    "transforms",
    "invokeTransforms",
    "parameterization",
    "resourceHooks",
    "errorHooks",
  ]);
  const hooks: HookRegistry = { sdk, callbacks, resourceHooks: new Map(), errorHooks: new Map() };
  const transforms = new Map<Urn, readonly Callback[]>();
  const stackTransforms: Callback[] = [];
  const invokeTransforms: Callback[] = [];
  const packages = new Map<string, { version: string }>();
  attachHooks(deployment, hooks);

  function transformChain(request: resourceProto.RegisterResourceRequest): Callback[] {
    const chain = [...request.getTransformsList()];
    for (let parent = request.getParent(); parent !== ""; ) {
      chain.push(...(transforms.get(parent) ?? []));
      parent = deployment.goals.get(parent)?.parent ?? "";
    }
    return [...chain, ...stackTransforms];
  }

  /** A parameterised package is a reference to a provider and version that was registered before. */
  function versionOf(request: { getPackageref(): string; getVersion(): string }): string {
    return packages.get(request.getPackageref())?.version ?? request.getVersion();
  }

  function answer(state: ResourceState): resourceProto.RegisterResourceResponse {
    const response = new proto.RegisterResourceResponse();
    response.setUrn(state.urn);
    response.setId(state.id ?? "");
    response.setObject(encodeStruct(sdk, deployment.preview ? state.outputs : dropUnknown(state.outputs)));
    const dependencies = response.getPropertydependenciesMap();
    for (const [key, urns] of Object.entries(state.propertyDependencies ?? {})) {
      const list = new proto.RegisterResourceResponse.PropertyDependencies();
      list.setUrnsList([...urns]);
      dependencies.set(key, list);
    }
    if (deployment.skipped.has(state.urn)) response.setUnknown(true);
    return response;
  }

  return {
    async getDeploymentInfo(_request: unknown) {
      const {
        project,
        stack,
        organization = "organization",
        parallel = 0,
        config = {},
        secretConfig = [],
      } = deployment.options;
      const info = new proto.DeploymentInfo();
      info.setProject(project);
      info.setStack(stack);
      info.setOrganization(organization);
      info.setDryrun(deployment.preview);
      info.setParallel(parallel);
      for (const [key, value] of Object.entries(config)) info.getConfigMap().set(key, value);
      info.setConfigsecretkeysList([...secretConfig]);
      info.setSupportedfeaturesList(features);
      return info;
    },

    async supportsFeature(request: resourceProto.SupportsFeatureRequest) {
      const response = new proto.SupportsFeatureResponse();
      response.setHassupport(legacyFeatures.has(request.getId()));
      return response;
    },

    async registerResource(request: resourceProto.RegisterResourceRequest) {
      const urn = urnOf(deployment, request.getParent(), request.getType(), request.getName());
      try {
        if (deployment.cancelled) throw new CancelledRegistration();
        transforms.set(urn, request.getTransformsList());
        await transformRegistration(sdk, callbacks, transformChain(request), request);
        request.setVersion(versionOf(request));
        return answer(await register(deployment, await goalOf(deployment, request)));
      } catch (error) {
        if (!(error instanceof CancelledRegistration)) {
          deployment.fail(urn, deployment.olds.has(urn) ? "update" : "create", error);
        }
        const response = new proto.RegisterResourceResponse();
        response.setUrn(urn);
        response.setResult(proto.Result.FAIL);
        return response;
      }
    },

    async registerResourceOutputs(request: resourceProto.RegisterResourceOutputsRequest) {
      const urn = request.getUrn();
      const state = deployment.news.get(urn);
      if (!state) throw new Error(`${urn} has outputs, but was never registered`);
      const outputs = await settleInputs(decodeStruct(request.getOutputs()), deployment.cwd);
      if (state.type === ROOT_TYPE) {
        deployment.registeredOutputs = outputs;
        return new empty.Empty();
      }
      const settled = { ...state, outputs };
      deployment.news.set(urn, settled);
      if (!isDeepStrictEqual(state.outputs, outputs)) deployment.ledger.note({ put: [settled] });
      deployment.announceOutputs(settled);
      return new empty.Empty();
    },

    async readResource(request: resourceProto.ReadResourceRequest) {
      const urn = urnOf(deployment, request.getParent(), request.getType(), request.getName());
      try {
        if (deployment.cancelled) throw new Error("not read: the run was cancelled");
        validateToken(request.getType(), true);
        const state = await readExisting(deployment, {
          urn,
          type: request.getType(),
          id: request.getId(),
          inputs: await settleInputs(decodeStruct(request.getProperties()), deployment.cwd),
          parent: request.getParent(),
          provider: request.getProvider(),
          version: versionOf(request),
          dependencies: request.getDependenciesList(),
          additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
        });
        const response = new proto.ReadResourceResponse();
        response.setUrn(state.urn);
        response.setProperties(encodeStruct(sdk, state.outputs));
        return response;
      } catch (error) {
        deployment.fail(urn, "read", error);
        throw error;
      }
    },

    async existsResource(request: resourceProto.ExistsResourceRequest) {
      const type = request.getType();
      const { handler } = deployment.handlers.find(type);
      if (!handler.read)
        throw new UnimplementedError(`whether a ${type} exists cannot be told: its provider has no read`);
      const urn = urnOf(deployment, request.getParent(), type, request.getId());
      const inputs = decodeStruct(request.getProperties());
      const resource: ResourceState = {
        urn,
        type,
        custom: true,
        inputs,
        outputs: {},
        provider: request.getProvider(),
      };
      const found = await handler.read(deployment.context(resource), request.getId(), inputs, {});
      const response = new proto.ExistsResourceResponse();
      response.setExists(found.outputs !== undefined);
      return response;
    },

    async invoke(request: resourceProto.ResourceInvokeRequest) {
      await transformInvoke(sdk, callbacks, invokeTransforms, request);
      request.setVersion(versionOf(request));
      return callFunction(deployment, sdk, request);
    },

    async call(request: resourceProto.ResourceCallRequest): Promise<resourceProto.ResourceInvokeResponse> {
      throw new UnimplementedError(
        `methods of resources, such as ${request.getTok()}, are not supported here`,
      );
    },

    async registerStackTransform(callback: Callback) {
      stackTransforms.push(callback);
      return new empty.Empty();
    },

    async registerStackInvokeTransform(callback: Callback) {
      invokeTransforms.push(callback);
      return new empty.Empty();
    },

    async registerResourceHook(request: resourceProto.RegisterResourceHookRequest) {
      const callback = request.getCallback();
      const name = request.getName();
      if (!callback) throw new Error(`the hook "${name}" has no callback`);
      if (hooks.resourceHooks.has(name)) throw new Error(`two hooks are named "${name}"`);
      const onDryRun = request.getOnDryRun();
      hooks.resourceHooks.set(name, { callback, onDryRun, ignoreErrors: request.getIgnoreErrors() });
      return new empty.Empty();
    },

    async registerErrorHook(request: resourceProto.RegisterErrorHookRequest) {
      const callback = request.getCallback();
      const name = request.getName();
      if (!callback) throw new Error(`the error hook "${name}" has no callback`);
      if (hooks.errorHooks.has(name)) throw new Error(`two error hooks are named "${name}"`);
      hooks.errorHooks.set(name, callback);
      return new empty.Empty();
    },

    async registerPackage(request: resourceProto.RegisterPackageRequest) {
      const reference = randomUUID();
      packages.set(reference, {
        version: request.getParameterization()?.getVersion() ?? request.getVersion(),
      });
      const response = new proto.RegisterPackageResponse();
      response.setRef(reference);
      return response;
    },

    /** The program is through: what it did not ask for goes. Not after a failure, which may be why it did not. */
    async signalAndWaitForShutdown(_request: unknown) {
      if (!deployment.failed && !deployment.cancelled) await deleteLeftovers(deployment);
      return new empty.Empty();
    },
  };
}

/** Told apart from a failure: nobody needs to hear about each resource that a cancelled run did not reach. */
class CancelledRegistration extends Error {}

export type EngineService = ReturnType<typeof createEngineService>;

/** Logging and the root resource. */
export function createEngineService(deployment: Deployment, sdk: Sdk) {
  const { engine: proto, empty } = sdk;
  return {
    async log(request: engineProto.LogRequest) {
      const message = request.getMessage();
      const urn = request.getUrn();
      switch (request.getSeverity()) {
        case proto.LogSeverity.ERROR:
          deployment.report("error", message, urn);
          break;
        case proto.LogSeverity.WARNING:
          deployment.report("warning", message, urn);
          break;
        case proto.LogSeverity.INFO:
          deployment.report("info", message, urn);
          break;
      }
      return new empty.Empty();
    },
    async getRootResource(_request: unknown) {
      const response = new proto.GetRootResourceResponse();
      response.setUrn(deployment.rootUrn);
      return response;
    },
    async setRootResource(_request: unknown) {
      return new proto.SetRootResourceResponse();
    },
    async requirePulumiVersion(_request: unknown) {
      return new proto.RequirePulumiVersionResponse();
    },
    async startDebugging(_request: unknown) {
      return new empty.Empty();
    },
  };
}
