import type { WorkersKvNamespace, WorkersKvNamespaceArgs } from "@pulumi/cloudflare/workersKvNamespace.js";
import type { ComponentResourceOptions, Output } from "@pulumi/pulumi";
import { binding } from "../../link/binding.ts";
import { Link } from "../../link/link.ts";
import { Component, type Transform, transformed } from "../component.ts";
import { accountId, physicalName } from "./account.ts";
import { sdk } from "./sdk.ts";

export interface KvArgs {
  readonly transform?: {
    readonly namespace?: Transform<WorkersKvNamespaceArgs>;
  };
}

const TYPE = "bowline:cloudflare:Kv";

/**
 * A KV namespace.
 *
 * @example
 * const sessions = new cloudflare.Kv("Sessions");
 * new cloudflare.Worker("Api", { handler: "src/api.ts", url: true, link: [sessions] });
 */
export class Kv extends Component {
  readonly nodes: { readonly namespace: WorkersKvNamespace };

  constructor(name: string, args: KvArgs = {}, options?: ComponentResourceOptions) {
    super(TYPE, name, options);
    const namespace = new (sdk().WorkersKvNamespace)(
      name,
      transformed(args.transform?.namespace, name, {
        accountId: accountId(this.app),
        title: physicalName(this.app, name),
      }),
      { parent: this },
    );
    this.nodes = { namespace };
    this.registerLinkable({ id: this.id });
  }

  /** What KV knows it by. */
  get id(): Output<string> {
    return this.nodes.namespace.id;
  }

  /** In a Worker `env.<Name>` is the namespace, and has its `id`. */
  link(): Link<{ id: string }> {
    return new Link({
      name: this.logicalName,
      type: TYPE,
      properties: { id: this.id },
      include: [binding({ type: "kvNamespaceBindings", properties: { namespaceId: this.id } })],
    });
  }
}
