/**
 * Serves a `Provider` as a real Pulumi resource plugin (`pulumirpc.ResourceProvider`), so that Pulumi's own engine can
 * deploy with the same handlers: `PULUMI_DEBUG_PROVIDERS=<name>:<port> pulumi up`.
 */

import type * as plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import type * as provider from "@pulumi/pulumi/proto/provider_pb.js";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { messageOf } from "../deployment.ts";
import { NEVER } from "../never.ts";
import type { Properties, Provider, ResourceContext, ResourceHandler } from "../provider.ts";
import { loadSdk, type Sdk } from "../sdk.ts";
import { topLevel } from "../steps/diff.ts";
import { parseUrn } from "../urn.ts";
import { changedPaths } from "../values/compare.ts";
import { covers, parsePath } from "../values/path.ts";
import { plainProperties } from "../values/plain.ts";
import { decodeStruct, encodeStruct } from "../values/struct.ts";
import { hasUnknown, unwrapProperties } from "../values/wire.ts";

export interface ServedPlugin {
  readonly port: number;
  close(): void;
}

export interface PluginOptions {
  /** Where `@pulumi/pulumi` is resolved from. */
  readonly cwd?: string;
  readonly onLog?: (severity: "info" | "warning", message: string, urn: string) => void;
}

const NOT_FOUND = 5;
const UNIMPLEMENTED = 12;
const UNKNOWN_STATUS = 2;

class PluginError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export async function servePlugin(served: Provider, options: PluginOptions = {}): Promise<ServedPlugin> {
  const sdk = loadSdk(options.cwd ?? process.cwd());
  const grpc = sdk.grpc();
  const { ResourceProviderService } = sdk.require("./proto/provider_grpc_pb.js") as {
    ResourceProviderService: Record<string, unknown>;
  };
  const methods = implement(served, sdk, options) as Record<string, (request: never) => unknown>;
  const service: Record<string, unknown> = {};
  for (const name of Object.keys(ResourceProviderService)) {
    service[name] = (call: { request: never }, done: (error: unknown, response?: unknown) => void) => {
      const method = methods[name];
      if (!method) return done({ code: UNIMPLEMENTED, details: `${name} is not supported by this provider` });
      Promise.resolve()
        .then(() => method(call.request))
        .then(
          (response) => done(null, response),
          (error: unknown) => {
            const code = error instanceof PluginError ? error.code : UNKNOWN_STATUS;
            done({ code, details: messageOf(error) });
          },
        );
    };
  }
  const server = new grpc.Server({ "grpc.max_receive_message_length": 400 << 20 });
  server.addService(ResourceProviderService as never, service as never);
  const port = await new Promise<number>((resolve, reject) => {
    const credentials = grpc.ServerCredentials.createInsecure();
    server.bindAsync("127.0.0.1:0", credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  return { port, close: () => server.forceShutdown() };
}

function implement(served: Provider, sdk: Sdk, options: PluginOptions) {
  const proto = sdk.require("./proto/provider_pb.js") as typeof provider;
  const { PluginInfo } = sdk.require("./proto/plugin_pb.js") as typeof plugin;
  let config: Properties = {};

  const encode = (properties: unknown, what: string) => encodeStruct(sdk, plainProperties(properties, what));
  const decode = (struct: Struct | undefined) => unwrapProperties(decodeStruct(struct));

  function handlerOf(urn: string): ResourceHandler {
    const { type } = parseUrn(urn);
    const handler = served.resource(type);
    if (!handler)
      throw new PluginError(NOT_FOUND, `the provider "${served.name}" has no resource type ${type}`);
    return handler;
  }

  function context(
    urn: string,
    preview: boolean,
    randomSeed: Uint8Array = new Uint8Array(32),
  ): ResourceContext {
    const { name, type, project, stack } = parseUrn(urn);
    const log = (severity: "info" | "warning", message: string) => options.onLog?.(severity, message, urn);
    return { urn, name, type, project, stack, preview, config, randomSeed, signal: NEVER, log };
  }

  return {
    handshake() {
      const response = new proto.ProviderHandshakeResponse();
      response.setAcceptSecrets(false);
      response.setAcceptResources(false);
      response.setAcceptOutputs(false);
      return response;
    },
    attach: () => new sdk.empty.Empty(),
    cancel: () => new sdk.empty.Empty(),
    getPluginInfo() {
      const response = new PluginInfo();
      response.setVersion(served.version);
      return response;
    },
    getSchema() {
      const response = new proto.GetSchemaResponse();
      response.setSchema(JSON.stringify({ name: served.name, version: served.version }));
      return response;
    },
    checkConfig(request: provider.CheckRequest) {
      const response = new proto.CheckResponse();
      response.setInputs(request.getNews());
      return response;
    },
    diffConfig(request: provider.DiffRequest) {
      const response = new proto.DiffResponse();
      const keys = changedPaths(
        decode(request.getOldInputs() ?? request.getOlds()),
        decode(request.getNews()),
      );
      response.setChanges(
        keys.length > 0 ? proto.DiffResponse.DiffChanges.DIFF_SOME : proto.DiffResponse.DiffChanges.DIFF_NONE,
      );
      response.setDiffsList(keys);
      const decisive = served.replaceOnConfig ?? [];
      response.setReplacesList([...new Set(keys.map(topLevel).filter((key) => decisive.includes(key)))]);
      return response;
    },
    configure(request: provider.ConfigureRequest) {
      config = decode(request.getArgs());
      const response = new proto.ConfigureResponse();
      response.setSupportspreview(true);
      response.setAcceptsecrets(false);
      response.setAcceptresources(false);
      response.setAcceptoutputs(false);
      return response;
    },
    async check(request: provider.CheckRequest) {
      const response = new proto.CheckResponse();
      const news = decode(request.getNews());
      const olds = request.hasOlds() ? decode(request.getOlds()) : undefined;
      const before = olds && Object.keys(olds).length > 0 ? olds : undefined;
      const handler = handlerOf(request.getUrn());
      const answer = (await handler.check?.(
        context(request.getUrn(), hasUnknown(news), request.getRandomseed_asU8()),
        before,
        news,
      )) ?? { inputs: news };
      response.setInputs(encode(answer.inputs, "the checked inputs"));
      const failures = (answer.failures ?? []).map(({ property, reason }) => {
        const failure = new proto.CheckFailure();
        failure.setProperty(property);
        failure.setReason(reason);
        return failure;
      });
      response.setFailuresList(failures);
      return response;
    },
    async diff(request: provider.DiffRequest) {
      const handler = handlerOf(request.getUrn());
      const oldInputs = decode(request.getOldInputs() ?? request.getOlds());
      const news = decode(request.getNews());
      const ignored = request.getIgnorechangesList().map(parsePath);
      const keys = changedPaths(oldInputs, news).filter(
        (key) => !ignored.some((path) => covers(path, parsePath(key))),
      );
      const replaceOn = handler.replaceOn ?? [];
      const answer = handler.diff
        ? await handler.diff(
            context(request.getUrn(), hasUnknown(news)),
            request.getId(),
            oldInputs,
            decode(request.getOlds()),
            news,
          )
        : {
            changes: keys.length > 0,
            replaces: [...new Set(keys.map(topLevel).filter((key) => replaceOn.includes(key)))],
          };
      const replaces = answer.replaces ?? [];
      const response = new proto.DiffResponse();
      const { DIFF_SOME, DIFF_NONE } = proto.DiffResponse.DiffChanges;
      response.setChanges(answer.changes || replaces.length > 0 ? DIFF_SOME : DIFF_NONE);
      response.setReplacesList([...replaces]);
      response.setDiffsList([...(answer.keys ?? keys)]);
      response.setDeletebeforereplace(answer.deleteBeforeReplace ?? handler.deleteBeforeReplace ?? false);
      return response;
    },
    async create(request: provider.CreateRequest) {
      const handler = handlerOf(request.getUrn());
      const inputs = decode(request.getProperties());
      const about = context(request.getUrn(), request.getPreview());
      const response = new proto.CreateResponse();
      if (request.getPreview()) {
        response.setProperties(
          encode({ ...inputs, ...handler.preview?.(about, inputs) }, "the foretold outputs"),
        );
        return response;
      }
      const created = await handler.create(about, inputs);
      response.setId(created.id);
      response.setProperties(encode(created.outputs, "the outputs"));
      return response;
    },
    async update(request: provider.UpdateRequest) {
      const handler = handlerOf(request.getUrn());
      const olds = decode(request.getOlds());
      const news = decode(request.getNews());
      const about = context(request.getUrn(), request.getPreview());
      const response = new proto.UpdateResponse();
      if (request.getPreview()) {
        const foretold = { ...olds, ...news, ...handler.preview?.(about, news, olds) };
        response.setProperties(encode(foretold, "the foretold outputs"));
        return response;
      }
      if (!handler.update) throw new PluginError(UNIMPLEMENTED, `${about.type} cannot be updated`);
      const oldInputs = decode(request.getOldInputs() ?? request.getOlds());
      const updated = await handler.update(about, request.getId(), oldInputs, olds, news);
      response.setProperties(encode(updated.outputs, "the outputs"));
      return response;
    },
    async read(request: provider.ReadRequest) {
      const handler = handlerOf(request.getUrn());
      if (!handler.read)
        throw new PluginError(UNIMPLEMENTED, `${parseUrn(request.getUrn()).type} cannot be read`);
      const inputs = decode(request.getInputs());
      const outputs = decode(request.getProperties());
      const found = await handler.read(context(request.getUrn(), false), request.getId(), inputs, outputs);
      const response = new proto.ReadResponse();
      if (found.outputs === undefined) return response;
      response.setId(found.id ?? request.getId());
      response.setProperties(encode(found.outputs, "the outputs"));
      response.setInputs(encode(found.inputs ?? inputs, "the inputs"));
      return response;
    },
    async delete(request: provider.DeleteRequest) {
      const handler = handlerOf(request.getUrn());
      const outputs = decode(request.getProperties());
      const inputs = request.hasOldInputs() ? decode(request.getOldInputs()) : outputs;
      await handler.delete?.(context(request.getUrn(), false), request.getId(), inputs, outputs);
      return new sdk.empty.Empty();
    },
    async invoke(request: provider.InvokeRequest) {
      if (!served.invoke)
        throw new PluginError(UNIMPLEMENTED, `the provider "${served.name}" has no functions`);
      const args = decode(request.getArgs());
      const response = new proto.InvokeResponse();
      const answer = await served.invoke(request.getTok(), args, { preview: hasUnknown(args), config });
      response.setReturn(encode(answer, `the result of ${request.getTok()}`));
      return response;
    },
  };
}
