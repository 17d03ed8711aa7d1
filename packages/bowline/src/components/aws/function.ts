import * as aws from "@pulumi/aws";
import {
  all,
  asset,
  type ComponentResourceOptions,
  type Input,
  type Output,
  output,
  secret,
  unsecret,
} from "@pulumi/pulumi";
import { type Artifact, storePayload } from "../../build/artifact.ts";
import { buildArtifact } from "../../build/build.ts";
import { checkHandler, unknownLinks } from "../../build/check/index.ts";
import type { BuildRequest } from "../../build/request.ts";
import type { App } from "../../config/app.ts";
import { BowlineError } from "../../error.ts";
import type { Needs } from "../../link/circle.ts";
import { type Access, grantsOf } from "../../link/grant.ts";
import { Link } from "../../link/link.ts";
import { collectLinks } from "../../link/linkable.ts";
import { PAYLOAD_FILE } from "../../link/payload.ts";
import { resolveLinks } from "../../link/resolve.ts";
import { typedConsumer } from "../../types/collect.ts";
import { withR2Access } from "../cloudflare/r2-access.ts";
import { Component, type Transform, transformed } from "../component.ts";
import { type ConsumerArgs, knownLinks, type LinkedConsumer, linkToLambda } from "../consumer.ts";
import { declaredLinks, hasLateLinks } from "../late-links.ts";
import { CONSUMER_OUTPUT, LINK_OUTPUT } from "../outputs.ts";
import { type EarlyIdentity, earlyArn, earlyName } from "./early-identity.ts";
import { functionLogs, type LoggingArgs } from "./function-logs.ts";
import { type PythonArgs, pythonDialect, pythonModule } from "./python-module.ts";
import { megabytes, seconds } from "./quantity.ts";
import { functionRole } from "./role.ts";

export interface FunctionArgs extends ConsumerArgs {
  /** File and export: `src/orders.create` is `create` in `src/orders.ts`. */
  readonly handler: string;
  /** Default `nodejs24.x`. */
  readonly runtime?: `nodejs${string}` | `python${string}`;
  /** Gives it a URL of its own. */
  readonly url?: boolean | FunctionUrlArgs;
  readonly description?: Input<string>;
  /** Seconds, or `"20 seconds"`, `"3 minutes"`. Default 20 seconds. */
  readonly timeout?: number | string;
  /** Megabytes, or `"1024 MB"`, `"2 GB"`. Default 1024 MB. */
  readonly memory?: number | string;
  readonly architecture?: "x86_64" | "arm64";
  /** Where and how long its logs are kept; `false` for a function that may not log. */
  readonly logging?: false | LoggingArgs;
  /** The ARN of a role of yours, to which the links' permissions are attached. Default: a role of its own. */
  readonly role?: Input<string>;
  readonly nodejs?: {
    readonly minify?: boolean;
    /** Packages that are not bundled. */
    readonly external?: readonly string[];
  };
  readonly python?: PythonArgs;
  readonly transform?: {
    readonly function?: Transform<aws.lambda.FunctionArgs>;
    readonly role?: Transform<aws.iam.RoleArgs>;
    readonly logGroup?: Transform<aws.cloudwatch.LogGroupArgs>;
  };
}

export interface FunctionUrlArgs {
  /** Who may call it. Default `"none"`: everyone. */
  readonly authorization?: "none" | "iam";
  /** Which browsers may call it. Default: any. */
  readonly cors?: boolean;
}

const TYPE = "bowline:aws:Function";

/**
 * A Lambda function, with a role that allows what its links say and nothing else.
 *
 * @example
 * const api = new aws.Function("Api", { handler: "src/api.handler", url: true, link: [orders] });
 */
class LambdaFunction extends Component {
  /** The role is absent when the user brought one. */
  readonly nodes: { readonly function: aws.lambda.Function; readonly role: aws.iam.Role | undefined };
  readonly #url: Output<string> | undefined;
  /** Known before the function is made, where it is linked to what may in turn be linked to it. */
  readonly #early: EarlyIdentity | undefined;

  constructor(name: string, given: FunctionArgs, options?: ComponentResourceOptions) {
    super(TYPE, name, options);
    const parent = { parent: this };
    const args = { ...given, link: withR2Access(this.app, name, given.link, parent) };
    const runtime = args.runtime ?? "nodejs24.x";
    const stelvio = runtime.startsWith("python") && pythonDialect(this.app, args) === "stelvio";
    const linked = linkToLambda(this.app, name, withDefaults(args, runtime), stelvio);
    const request = { consumer: name, handler: args.handler, runtime, nodejs: args.nodejs };
    const built = buildHandler(this.app, request, args);
    const payload = storedPayload(this.app.artifacts, linked);
    const role = functionRole(name, args, linked, parent);
    const logs = functionLogs(this.app, name, args, parent);
    const early = hasLateLinks(args.link) ? earlyName(this.app, name) : undefined;
    const made: aws.lambda.FunctionArgs = transformed(args.transform?.function, name, {
      ...(early === undefined ? {} : { name: early }),
      role: role.arn,
      runtime,
      handler: built.handler,
      code: codeOf(built, pythonModule(this.app, request, args, built), payload),
      environment: { variables: linked.variables },
      timeout: seconds(args.timeout ?? 20, name),
      memorySize: megabytes(args.memory ?? 1024, name),
      architectures: [args.architecture ?? "x86_64"],
      description: args.description,
      loggingConfig: logs,
    });
    const lambda = new aws.lambda.Function(name, made, { ...parent, dependsOn: [...role.policies] });
    if (early !== undefined) {
      const known = output(made.name).apply((own) => own ?? early);
      this.#early = { name: known, arn: earlyArn(known, role.arn, parent) };
    }
    this.nodes = { function: lambda, role: role.role };
    this.#url = args.url ? this.#createUrl(name, lambda, args.url === true ? {} : args.url) : undefined;
    const own = { name: this.name, arn: this.arn, ...(this.#url ? { url: this.#url } : {}) };
    if (this.app.purpose === "types") {
      this.registerOutputs(own);
      return;
    }
    this.registerOutputs({
      ...own,
      [LINK_OUTPUT]: secret(resolveLinks(name, [this]).apply(([own]) => own)),
      [CONSUMER_OUTPUT]: secret({
        name,
        kind: "function",
        runtime,
        handler: args.handler,
        payload,
        functionName: lambda.name,
        roleArn: role.arn,
        links: linked.links,
        permissions: linked.permissions,
        environment: output(args.environment ?? {}),
      }),
    });
  }

  /** The name Lambda knows it by. */
  get name(): Output<string> {
    return this.nodes.function.name;
  }

  get arn(): Output<string> {
    return this.nodes.function.arn;
  }

  get url(): Output<string> {
    if (!this.#url) {
      throw new BowlineError("no-url", `The function ${this.logicalName} has no URL.`, {
        hint: `Ask for one: new aws.Function("${this.logicalName}", { url: true, … }).`,
      });
    }
    return this.#url;
  }

  /** Lets a consumer invoke it. */
  link(...access: Access<typeof TYPE>[]): Link<{ name: string; arn: string; url?: string }> {
    const { name, arn } = this.#early ?? this;
    const { permissions, origin } = grantsOf(TYPE, arn, access, { name: this.logicalName, full: false });
    return new Link({
      name: this.logicalName,
      type: TYPE,
      properties: { name, arn, ...(this.#url ? { url: this.#url } : {}) },
      include: permissions,
      origin,
    });
  }

  #createUrl(name: string, lambda: aws.lambda.Function, args: FunctionUrlArgs): Output<string> {
    const parent = { parent: this };
    const open = (args.authorization ?? "none") === "none";
    const url = new aws.lambda.FunctionUrl(
      `${name}Url`,
      {
        functionName: lambda.name,
        authorizationType: open ? "NONE" : "AWS_IAM",
        ...(args.cors === false
          ? {}
          : { cors: { allowHeaders: ["*"], allowMethods: ["*"], allowOrigins: ["*"] } }),
      },
      parent,
    );
    if (open) {
      new aws.lambda.Permission(
        `${name}UrlAccess`,
        {
          function: lambda.name,
          action: "lambda:InvokeFunctionUrl",
          principal: "*",
          functionUrlAuthType: "NONE",
        },
        parent,
      );
      new aws.lambda.Permission(
        `${name}UrlInvoke`,
        {
          function: lambda.name,
          action: "lambda:InvokeFunction",
          principal: "*",
          invokedViaFunctionUrl: true,
        },
        parent,
      );
    }
    return url.functionUrl;
  }
}

/** Builds the handler and checks it against the links; both must succeed before anything is created. */
function buildHandler(
  app: App,
  request: BuildRequest,
  args: FunctionArgs,
): Output<Pick<Artifact, "handler" | "files">> {
  const artifact = buildArtifact(app, request);
  const declared = declaredLinks(app, args.link);
  app.require(declared.then((link) => app.needs(needsOf(request.consumer, args, link))));
  app.require(artifact);
  if (app.purpose !== "types") {
    const known = declared.then((link) => knownLinks(request.consumer, { ...args, link }));
    app.require(known);
    const checked = Promise.all([artifact, known]).then(
      ([{ modules }, { links, unknown }]) => checkHandler(app, request, links, modules, { unknown }),
      () => undefined,
    );
    app.require(checked);
  }
  if (app.purpose === "types") {
    const typed = declared.then((link) => typedConsumer({ name: request.consumer, ...request }, link));
    app.require(typed.then((consumer) => app.typed({ ...consumer, dialect: pythonDialect(app, args) })));
    const known = declared.then((link) => knownLinks(request.consumer, { ...args, link }));
    app.require(known.then(({ unknown }) => app.found(unknownLinks(request.consumer, unknown))));
  }
  return output(
    artifact.then(
      ({ handler, files }) => ({ handler, files }),
      () => Promise.reject(new Error("the handler was not built")),
    ),
  );
}

/** The functions that must be there before this one. */
function needsOf(consumer: string, args: FunctionArgs, declared: FunctionArgs["link"]): Needs {
  const functions = collectLinks(consumer, declared).links.filter(({ type }) => type === TYPE);
  return {
    consumer,
    early: hasLateLinks(args.link),
    links: functions.map(({ name, properties }) => ({ name, url: Object.hasOwn(properties, "url") })),
  };
}

/** Where the encrypted payload was stored, or an empty path where there is none. */
function storedPayload(artifacts: string, linked: LinkedConsumer): Output<string> {
  return unsecret(
    linked.file.apply(async (file) =>
      file ? (await storePayload(artifacts, Buffer.from(file, "base64"))).path : "",
    ),
  );
}

/** The artifact's files and the payload. */
function codeOf(
  built: Output<Pick<Artifact, "files">>,
  own: Output<Record<string, string>>,
  payload: Output<string>,
): Output<asset.Archive> {
  return all([built.files, own, payload]).apply(([paths, generated, encrypted]) => {
    const files = { ...paths, ...generated, ...(encrypted ? { [PAYLOAD_FILE]: encrypted } : {}) };
    return new asset.AssetArchive(
      Object.fromEntries(Object.entries(files).map(([path, source]) => [path, new asset.FileAsset(source)])),
    );
  });
}

/** A stack trace names the user's own files, not the bundle. */
function withDefaults(args: FunctionArgs, runtime: string): ConsumerArgs {
  if (!runtime.startsWith("nodejs")) return args;
  return { ...args, environment: { NODE_OPTIONS: "--enable-source-maps", ...args.environment } };
}

export { LambdaFunction as Function };
