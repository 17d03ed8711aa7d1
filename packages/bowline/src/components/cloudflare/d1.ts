import type { D1Database, D1DatabaseArgs } from "@pulumi/cloudflare/d1database.js";
import type { ComponentResourceOptions, Output } from "@pulumi/pulumi";
import { binding } from "../../link/binding.ts";
import { Link } from "../../link/link.ts";
import { Component, type Transform, transformed } from "../component.ts";
import { accountId, physicalName } from "./account.ts";
import { sdk } from "./sdk.ts";

export interface D1Args {
  readonly transform?: {
    readonly database?: Transform<D1DatabaseArgs>;
  };
}

const TYPE = "bowline:cloudflare:D1";

/**
 * A D1 database.
 *
 * @example
 * const berths = new cloudflare.D1("Berths");
 * new cloudflare.Worker("Api", { handler: "src/api.ts", url: true, link: [berths] });
 */
export class D1 extends Component {
  readonly nodes: { readonly database: D1Database };

  constructor(name: string, args: D1Args = {}, options?: ComponentResourceOptions) {
    super(TYPE, name, options);
    const database = new (sdk().D1Database)(
      name,
      transformed(args.transform?.database, name, {
        accountId: accountId(this.app),
        name: physicalName(this.app, name),
      }),
      { parent: this },
    );
    this.nodes = { database };
    this.registerLinkable({ id: this.id, name: this.name });
  }

  /** What D1 knows it by. */
  get id(): Output<string> {
    return this.nodes.database.id;
  }

  get name(): Output<string> {
    return this.nodes.database.name;
  }

  /** In a Worker `env.<Name>` is the database, and has its `id` and `name`. */
  link(): Link<{ id: string; name: string }> {
    return new Link({
      name: this.logicalName,
      type: TYPE,
      properties: { id: this.id, name: this.name },
      include: [binding({ type: "d1DatabaseBindings", properties: { id: this.id } })],
    });
  }
}
