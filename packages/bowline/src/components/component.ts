import { ComponentResource, type ComponentResourceOptions, type Inputs, secret } from "@pulumi/pulumi";
import { type App, currentApp } from "../config/app.ts";
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

  /** Ends the construction of a linkable: its link is kept (as a secret) for `run`, `shell` and `links`. */
  protected registerLinkable(outputs: Inputs): void {
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
