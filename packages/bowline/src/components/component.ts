import {
  ComponentResource,
  type ComponentResourceOptions,
  type Inputs,
  type Output,
  secret,
} from "@pulumi/pulumi";
import { type App, currentApp } from "../config/app.ts";
import type { ProfiledType } from "../link/access.ts";
import { type Access, grantsOf } from "../link/grant.ts";
import { Link, type LinkInputs, type LinkProperties } from "../link/link.ts";
import { resolveLinks } from "../link/resolve.ts";
import { LINK_OUTPUT } from "./outputs.ts";

/** The root of everything users instantiate: named once, in one app. */
export abstract class Component extends ComponentResource {
  protected readonly app: App;
  /** The name it was given in the config; its resources' names begin with it. */
  protected readonly logicalName: string;

  constructor(type: string, name: string, options: ComponentResourceOptions | undefined) {
    const app = currentApp();
    app.claim(name, type.slice(type.lastIndexOf(":") + 1));
    super(type, name, {}, options);
    this.app = app;
    this.logicalName = name;
  }

  /** The link that access levels (or, without any, the component's default) give to this component. */
  protected linkWith<T extends ProfiledType, P extends LinkProperties>(
    type: T,
    access: readonly Access<T>[],
    properties: LinkInputs<P> & { readonly arn: Output<string> },
    hasIndexes = false,
  ): Link<P> {
    const { logicalName: name } = this;
    const full = this.app.access === "full";
    const { permissions, origin } = grantsOf(type, properties.arn, access, { name, full, hasIndexes });
    return new Link<P>({ name, type, properties, include: permissions, origin });
  }

  /** Ends the construction of a linkable: its link is kept (as a secret) for `run`, `shell` and `links`. */
  protected registerLinkable(outputs: Inputs): void {
    if (this.app.purpose === "types") {
      // They are asked of consumers.
      this.registerOutputs(outputs);
      return;
    }
    const own = resolveLinks(this.logicalName, [this]).apply((links) => links[0]);
    this.registerOutputs({ ...outputs, [LINK_OUTPUT]: secret(own) });
  }
}

/** A change to the resource arguments a component makes: an object to merge, or a function that edits them. */
export type Transform<Args> = Partial<Args> | ((args: Args, name: string) => void);

export function transformed<Args extends object>(
  transform: Transform<Args> | undefined,
  name: string,
  args: Args,
): Args {
  if (transform === undefined) return args;
  if (typeof transform !== "function") return { ...args, ...transform };
  const edited = { ...args };
  transform(edited, name);
  return edited;
}
