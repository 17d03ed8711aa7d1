import type { R2Bucket, R2BucketArgs } from "@pulumi/cloudflare/r2bucket.js";
import type { ComponentResourceOptions, Output } from "@pulumi/pulumi";
import { binding } from "../../link/binding.ts";
import { Link } from "../../link/link.ts";
import { Component, type Transform, transformed } from "../component.ts";
import { accountId, physicalName } from "./account.ts";
import { sdk } from "./sdk.ts";

export interface BucketArgs {
  /** Where Cloudflare keeps it, if that matters. */
  readonly location?: "apac" | "eeur" | "enam" | "oc" | "weur" | "wnam";
  readonly transform?: {
    readonly bucket?: Transform<R2BucketArgs>;
  };
}

const TYPE = "bowline:cloudflare:Bucket";

/**
 * An R2 bucket.
 *
 * @example
 * const photos = new cloudflare.Bucket("Photos");
 * new cloudflare.Worker("Api", { handler: "src/api.ts", url: true, link: [photos] });
 */
export class Bucket extends Component {
  readonly nodes: { readonly bucket: R2Bucket };

  constructor(name: string, args: BucketArgs = {}, options?: ComponentResourceOptions) {
    super(TYPE, name, options);
    const bucket = new (sdk().R2Bucket)(
      name,
      transformed(args.transform?.bucket, name, {
        accountId: accountId(this.app),
        name: physicalName(this.app, name),
        ...(args.location === undefined ? {} : { location: args.location }),
      }),
      { parent: this },
    );
    this.nodes = { bucket };
    this.registerLinkable({ name: this.name });
  }

  /** The name R2 knows it by. */
  get name(): Output<string> {
    return this.nodes.bucket.name;
  }

  /** In a Worker `env.<Name>` is the bucket, and has its `name`. */
  link(): Link<{ name: string }> {
    return new Link({
      name: this.logicalName,
      type: TYPE,
      properties: { name: this.name },
      include: [binding({ type: "r2BucketBindings", properties: { bucketName: this.name } })],
    });
  }
}
