/** The classes a program uses for what `memoryProvider` serves. */

import * as pulumi from "@pulumi/pulumi";

export interface ThingArgs {
  readonly name?: pulumi.Input<string>;
  readonly value?: pulumi.Input<unknown>;
  readonly zone?: pulumi.Input<string>;
  readonly fail?: pulumi.Input<string>;
}

class TestResource extends pulumi.CustomResource {
  declare readonly name: pulumi.Output<string>;
  declare readonly value: pulumi.Output<unknown>;
  declare readonly zone: pulumi.Output<string>;
  declare readonly arn: pulumi.Output<string>;
  declare readonly size: pulumi.Output<number>;

  constructor(type: string, name: string, args: ThingArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      type,
      name,
      { name: undefined, value: undefined, zone: undefined, arn: undefined, size: undefined, ...args },
      opts,
    );
  }
}

/** Created before its predecessor is deleted; `name` and `zone` cannot change. */
export class Thing extends TestResource {
  constructor(name: string, args: ThingArgs = {}, opts?: pulumi.CustomResourceOptions) {
    super("test:index:Thing", name, args, opts);
  }
  static get(name: string, id: pulumi.Input<pulumi.ID>): Thing {
    return new Thing(name, {}, { id });
  }
}

/** The same, but its predecessor has to go first. */
export class Exclusive extends TestResource {
  constructor(name: string, args: ThingArgs = {}, opts?: pulumi.CustomResourceOptions) {
    super("test:index:Exclusive", name, args, opts);
  }
}

export class Group extends pulumi.ComponentResource {
  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("test:index:Group", name, {}, opts);
  }
}

/** A type that no provider knows. */
export class Stranger extends pulumi.CustomResource {
  declare readonly color: pulumi.Output<string>;
  constructor(name: string, color: pulumi.Input<string>, opts?: pulumi.CustomResourceOptions) {
    super("strange:index:Stranger", name, { color }, opts);
  }
}

export class TestProvider extends pulumi.ProviderResource {
  constructor(
    name: string,
    args: { region?: pulumi.Input<string>; account?: pulumi.Input<string> } = {},
    opts?: pulumi.ResourceOptions,
  ) {
    super("test", name, args, opts);
  }
}
