import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { WorkersScriptAssets } from "@pulumi/cloudflare/types/input.js";
import type { WorkersScript, WorkersScriptArgs } from "@pulumi/cloudflare/workersScript.js";
import { type ComponentResourceOptions, type Input, type Output, output, secret } from "@pulumi/pulumi";
import { buildArtifact } from "../../build/build.ts";
import { checkHandler } from "../../build/check/index.ts";
import type { BuildRequest } from "../../build/request.ts";
import { WORKER_MODULE } from "../../build/worker.ts";
import type { App } from "../../config/app.ts";
import { BowlineError } from "../../error.ts";
import { binding } from "../../link/binding.ts";
import { Link } from "../../link/link.ts";
import { collectLinks, type LinkItem } from "../../link/linkable.ts";
import { type ResolvedLink, resolveLinks } from "../../link/resolve.ts";
import { typedConsumer } from "../../types/collect.ts";
import type { TypedConsumer } from "../../types/input.ts";
import { Component, type Transform, transformed } from "../component.ts";
import { declaredLinks } from "../late-links.ts";
import { CONSUMER_OUTPUT, LINK_OUTPUT } from "../outputs.ts";
import { accountId, physicalName } from "./account.ts";
import { AWS_ENV, awsAccess, needsAws } from "./aws-access.ts";
import { cronExpressions } from "./crons.ts";
import { requireMiniflare } from "./miniflare.ts";
import { sdk } from "./sdk.ts";
import { knownBindings, linkToWorker, type ScriptBinding } from "./worker-links.ts";
import { workerUrl } from "./worker-url.ts";

export interface WorkerArgs {
  /** The file whose default export is the Worker: `src/worker.ts`. */
  readonly handler: string;
  /** Gives it a URL of its own. Without one, other Workers can call it. */
  readonly url?: boolean;
  /** What it uses. What is declared further down is linked by a function: `() => other`. */
  readonly link?: readonly LinkItem[];
  /** Variables besides its links: `env.NAME`. */
  readonly environment?: Readonly<Record<string, Input<string>>>;
  /** Classes it exports, by the name of their binding: `{ Rooms: "Room" }` is `env.Rooms`. */
  readonly durableObjects?: Readonly<Record<string, string>>;
  /** Files that are served as they are; what is none of them comes to the handler. */
  readonly assets?: WorkerAssets;
  /** When its `scheduled` runs, in UTC: five fields, such as `0 3 * * *`. */
  readonly crons?: readonly string[];
  readonly compatibility?: {
    /** The day whose runtime it was written for. */
    readonly date?: string;
    /** Default `["nodejs_compat"]`. */
    readonly flags?: readonly string[];
  };
  readonly build?: {
    readonly minify?: boolean;
    /** Packages that are not bundled. */
    readonly external?: readonly string[];
  };
  readonly transform?: {
    readonly script?: Transform<WorkersScriptArgs>;
  };
}

export interface WorkerAssets {
  /** The folder, from the app's. */
  readonly directory: string;
  /** The binding that reads them: `env.<binding>`. Default `ASSETS`. */
  readonly binding?: string;
  /** What answers for a path that is no file, where the handler is not to. Default `"none"`. */
  readonly notFound?: "none" | "404-page" | "single-page-application";
  /** Asks the handler first, even for what is a file. Default `false`. */
  readonly handlerFirst?: boolean;
}

const TYPE = "bowline:cloudflare:Worker";
const COMPATIBILITY_DATE = "2026-07-01";
/** The state of Durable Objects is in SQLite, which all new ones are to use. */
const FIRST_MIGRATION = "v1";

/**
 * A Cloudflare Worker, whose links are bindings.
 *
 * @example
 * const photos = new cloudflare.Bucket("Photos");
 * const api = new cloudflare.Worker("Api", { handler: "src/api.ts", url: true, link: [photos] });
 */
export class Worker extends Component {
  readonly nodes: { readonly script: WorkersScript };
  readonly #args: WorkerArgs;
  readonly #url: Output<string> | undefined;
  readonly #scriptName: string;

  constructor(name: string, args: WorkerArgs, options?: ComponentResourceOptions) {
    super(TYPE, name, options);
    requireMiniflare(this.app);
    const parent = { parent: this };
    const account = accountId(this.app);
    this.#args = args;
    this.#scriptName = physicalName(this.app, name);
    const linked = linkToWorker(this.app, name, { ...args, own: ownBindings(args) });
    const access = awsAccess(this.app, name, args.link, linked.links, parent);
    const classes = Object.values(args.durableObjects ?? {});
    const request: BuildRequest = {
      consumer: name,
      handler: args.handler,
      runtime: "workerd",
      nodejs: args.build,
      worker: { classes },
    };
    const content = buildHandler(this.app, request, args);
    const script = new (sdk().WorkersScript)(
      name,
      transformed(args.transform?.script, name, {
        accountId: account,
        scriptName: this.#scriptName,
        mainModule: WORKER_MODULE,
        contentFile: content.apply(({ file }) => file),
        contentSha256: content.apply(({ sha256 }) => sha256),
        contentType: "application/javascript+module",
        compatibilityDate: args.compatibility?.date ?? COMPATIBILITY_DATE,
        compatibilityFlags: [...(args.compatibility?.flags ?? ["nodejs_compat"])],
        bindings: access ? linked.bindings.apply((found) => [...found, ...access.bindings]) : linked.bindings,
        observability: { enabled: true },
        ...(args.assets === undefined ? {} : { assets: assetsOf(this.app, name, args.assets) }),
        ...(classes.length === 0
          ? {}
          : { migrations: { newTag: FIRST_MIGRATION, newSqliteClasses: [...new Set(classes)].sort() } }),
      }),
      { ...parent, dependsOn: [...(access?.ready ?? [])] },
    );
    this.nodes = { script };
    if (args.crons !== undefined && args.crons.length > 0) {
      new (sdk().WorkersCronTrigger)(
        name,
        {
          accountId: account,
          scriptName: script.scriptName,
          schedules: cronExpressions(name, args.crons).map((cron) => ({ cron })),
        },
        parent,
      );
    }
    new (sdk().WorkersScriptSubdomain)(
      name,
      {
        accountId: account,
        scriptName: script.scriptName,
        enabled: args.url === true,
        previewsEnabled: false,
      },
      parent,
    );
    this.#url = args.url ? workerUrl(this.app, this.#scriptName) : undefined;
    this.registerOutputs({
      scriptName: this.scriptName,
      ...(this.#url ? { url: this.#url } : {}),
      [LINK_OUTPUT]: secret(resolveLinks(name, [this]).apply(([own]) => own)),
      [CONSUMER_OUTPUT]: secret({
        name,
        kind: "worker",
        runtime: request.runtime,
        handler: args.handler,
        payload: "",
        functionName: this.#scriptName,
        roleArn: access?.roleArn ?? "",
        links: access ? linked.links : linked.links.apply(withoutStatements),
        permissions: [],
        environment: output(args.environment ?? {}),
      }),
    });
  }

  /** The name Cloudflare knows it by. */
  get scriptName(): Output<string> {
    return this.nodes.script.scriptName;
  }

  get url(): Output<string> {
    if (this.#url) return this.#url;
    throw new BowlineError("no-url", `The Worker ${this.logicalName} has no URL.`, {
      hint: `Ask for one: new cloudflare.Worker("${this.logicalName}", { url: true, … }).`,
    });
  }

  /**
   * In another Worker `env.<Name>` calls this one: its `fetch`, and the methods of its class. It has a `url` where this
   * one has. An entrypoint is a class it exports besides the default.
   */
  link(options: { readonly entrypoint?: string } = {}): Link<{ url?: string }> {
    const { entrypoint } = options;
    return new Link<{ url?: string }>({
      name: this.logicalName,
      type: TYPE,
      properties: this.#url ? { url: this.#url } : {},
      include: [
        {
          ...binding({
            type: "serviceBindings",
            properties: { service: this.#scriptName, ...(entrypoint === undefined ? {} : { entrypoint }) },
          }),
          of: { module: this.#args.handler, name: entrypoint ?? "default" },
        },
      ],
    });
  }

  /**
   * A Durable Object of this Worker, for others.
   *
   * @example
   * new cloudflare.Worker("Api", { handler: "src/api.ts", link: [chat.durableObject("Rooms")] });
   */
  durableObject(name: string): Link<Record<never, never>> {
    const className = this.#args.durableObjects?.[name];
    if (className === undefined) {
      const names = Object.keys(this.#args.durableObjects ?? {});
      throw new BowlineError(
        "no-durable-object",
        `The Worker ${this.logicalName} has no Durable Object "${name}".`,
        {
          hint:
            names.length > 0
              ? `It has ${names.join(", ")}.`
              : `Declare it: durableObjects: { ${name}: "${name}" }.`,
        },
      );
    }
    return new Link({
      name,
      type: `${TYPE}.DurableObject`,
      properties: {},
      include: [
        {
          ...binding({
            type: "durableObjectNamespaceBindings",
            properties: { className, scriptName: this.#scriptName },
          }),
          of: { module: this.#args.handler, name: className },
        },
      ],
    });
  }
}

/** Without credentials for AWS, what a link would grant there is not granted. */
function withoutStatements(links: readonly ResolvedLink[]): ResolvedLink[] {
  return links.map((link) => ({ ...link, statements: [] }));
}

function ownBindings(args: WorkerArgs): ScriptBinding[] {
  return [
    ...Object.entries(args.durableObjects ?? {}).map(([name, className]) => ({
      name,
      type: "durable_object_namespace",
      className,
    })),
    ...(args.assets === undefined ? [] : [{ name: args.assets.binding ?? "ASSETS", type: "assets" }]),
  ];
}

/** What its `env` holds besides its links. */
function envOf(
  consumer: string,
  args: WorkerArgs,
  link: WorkerArgs["link"],
): NonNullable<TypedConsumer["env"]> {
  const included = collectLinks(consumer, link).links.flatMap(({ include }) =>
    include.flatMap((item) => (item.kind === "environment" ? Object.keys(item.variables) : [])),
  );
  return {
    ...Object.fromEntries(included.map((name) => [name, { typescript: "string" }])),
    ...(needsAws(consumer, link)
      ? Object.fromEntries(Object.entries(AWS_ENV).map(([name, typescript]) => [name, { typescript }]))
      : {}),
    ...Object.fromEntries(
      Object.keys(args.environment ?? {}).map((name) => [name, { typescript: "string" }]),
    ),
    ...Object.fromEntries(
      Object.entries(args.durableObjects ?? {}).map(([name, className]) => [
        name,
        { typescript: "DurableObjectNamespace", of: { module: args.handler, name: className } },
      ]),
    ),
    ...(args.assets === undefined ? {} : { [args.assets.binding ?? "ASSETS"]: { typescript: "Fetcher" } }),
  };
}

function assetsOf(app: App, name: string, assets: WorkerAssets): WorkersScriptAssets {
  const directory = join(app.root, assets.directory);
  if (app.purpose !== "types" && !existsSync(directory)) {
    app.report(
      new BowlineError("no-assets", `${name}: there is no folder "${assets.directory}" for its assets.`, {
        hint: `Looked for ${directory}. Build what makes it first.`,
      }),
    );
  }
  return {
    directory,
    config: {
      notFoundHandling: assets.notFound ?? "none",
      ...(assets.handlerFirst ? { runWorkerFirst: true } : {}),
    },
  };
}

/** Builds the handler and checks it against the links; both must succeed before anything is created. */
function buildHandler(
  app: App,
  request: BuildRequest,
  args: WorkerArgs,
): Output<{ readonly file: string; readonly sha256: string }> {
  const artifact = buildArtifact(app, request);
  const declared = declaredLinks(app, args.link);
  app.require(artifact);
  if (app.purpose === "types") {
    const typed = declared.then((link) =>
      typedConsumer({ name: request.consumer, ...request }, link, envOf(request.consumer, args, link)),
    );
    app.require(typed.then((consumer) => app.typed(consumer)));
  } else {
    const known = declared.then((link) => knownBindings(request.consumer, link));
    app.require(known);
    const env = declared.then((link) => Object.keys(envOf(request.consumer, args, link)));
    const checked = Promise.all([artifact, known, env]).then(
      ([{ modules }, links, names]) => links && checkHandler(app, request, links, modules, { env: names }),
      () => undefined,
    );
    app.require(checked);
  }
  return output(
    artifact.then(
      async ({ files }) => {
        const file = files[WORKER_MODULE];
        if (file === undefined) return { file: "", sha256: "" };
        return {
          file,
          sha256: createHash("sha256")
            .update(await readFile(file))
            .digest("hex"),
        };
      },
      () => Promise.reject(new Error("the handler was not built")),
    ),
  );
}
