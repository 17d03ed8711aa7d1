import type { WorkersScript } from "@pulumi/cloudflare/workersScript.js";
import { type ComponentResourceOptions, type Output, output, secret } from "@pulumi/pulumi";
import type { BuildRequest } from "../../build/request.ts";
import { WORKER_MODULE } from "../../build/worker.ts";
import { BowlineError } from "../../error.ts";
import { binding } from "../../link/binding.ts";
import { Link } from "../../link/link.ts";
import { type ResolvedLink, resolveLinks } from "../../link/resolve.ts";
import { Component, transformed } from "../component.ts";
import { CONSUMER_OUTPUT, LINK_OUTPUT } from "../outputs.ts";
import { accountId, physicalName } from "./account.ts";
import { awsAccess } from "./aws-access.ts";
import { cronExpressions } from "./crons.ts";
import { className, declaredClasses, workerMigrations } from "./durable-objects.ts";
import { requireMiniflare } from "./miniflare.ts";
import { sdk } from "./sdk.ts";
import type { WorkerArgs } from "./worker-args.ts";
import { assetsOf } from "./worker-assets.ts";
import { checkDomain, customDomain, domainName } from "./worker-domain.ts";
import { ownBindings } from "./worker-env.ts";
import { buildHandler } from "./worker-handler.ts";
import { linkToWorker } from "./worker-links.ts";
import { workerUrl } from "./worker-url.ts";

const TYPE = "bowline:cloudflare:Worker";
const COMPATIBILITY_DATE = "2026-07-01";

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
    if (args.domain !== undefined) checkDomain(name, args.domain);
    requireMiniflare(this.app);
    const parent = { parent: this };
    const account = accountId(this.app);
    this.#args = args;
    this.#scriptName = physicalName(this.app, name);
    const linked = linkToWorker(this.app, name, { ...args, own: ownBindings(args) });
    const access = awsAccess(this.app, name, args.link, linked.links, parent);
    const declared = declaredClasses(name, args);
    const classes = declared.classes;
    const migrations = workerMigrations(this.app, name, { account, scriptName: this.#scriptName }, declared);
    this.app.require(migrations);
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
        ...(args.placement === undefined ? {} : { placement: { mode: args.placement } }),
        ...(classes.length + declared.deleted.length === 0 ? {} : { migrations: output(migrations) }),
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
    if (args.domain !== undefined) customDomain(this.app, name, args.domain, script.scriptName, parent);
    this.#url = this.#whereItAnswers();
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

  #whereItAnswers(): Output<string> | undefined {
    const { domain, url } = this.#args;
    if (domain !== undefined && this.app.home !== "local") return output(`https://${domainName(domain)}`);
    return url || domain !== undefined ? workerUrl(this.app, this.#scriptName) : undefined;
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
    const of = this.#args.durableObjects?.[name];
    if (of === undefined) {
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
            properties: { className: className(of), scriptName: this.#scriptName },
          }),
          of: { module: this.#args.handler, name: className(of) },
        },
      ],
    });
  }
}

/** Without credentials for AWS, what a link would grant there is not granted. */
function withoutStatements(links: readonly ResolvedLink[]): ResolvedLink[] {
  return links.map((link) => ({ ...link, statements: [] }));
}
