import { type Input, type Output, output } from "@pulumi/pulumi";
import { currentApp } from "../config/app.ts";
import { BowlineError } from "../error.ts";
import type { Include } from "../link/include.ts";
import { Link } from "../link/link.ts";
import { type Class, defineLink, type LinkDefinition, type LinkItem } from "../link/linkable.ts";
import { linkVariables } from "../link/payload.ts";
import { resolveLinks } from "../link/resolve.ts";
import { Component } from "./component.ts";

export interface LinkableArgs<P extends Readonly<Record<string, unknown>>> {
  /** What consumers read: any JSON, typed as it is. */
  readonly properties: { readonly [K in keyof P]: Input<P[K]> };
  /** Permissions and variables that come along. */
  readonly include?: readonly Include[];
}

const TYPE = "bowline:index:Linkable";

/**
 * Makes any values linkable.
 *
 * @example
 * const config = new Linkable("Config", { properties: { endpoint: "https://api.example.com", retries: 3 } });
 * new aws.Function("Api", { handler: "src/api.handler", link: [config] });
 */
export class Linkable<
  P extends Readonly<Record<string, unknown>> = Readonly<Record<string, unknown>>,
> extends Component {
  readonly properties: { readonly [K in keyof P]: Input<P[K]> };
  readonly #include: readonly Include[];

  constructor(name: string, args: LinkableArgs<P>) {
    super(TYPE, name, undefined);
    if (typeof args?.properties !== "object" || args.properties === null) {
      throw new BowlineError("bad-property", `Linkable "${name}" has no properties.`, {
        hint: `new Linkable("${name}", { properties: { url: "https://example.com" } })`,
      });
    }
    this.properties = args.properties;
    this.#include = args.include ?? [];
    this.registerLinkable({});
  }

  link(): Link<P> {
    return new Link<P>({
      name: this.logicalName,
      type: TYPE,
      properties: this.properties,
      include: this.#include,
    });
  }

  /**
   * Says what linking to instances of a class means: of a Pulumi resource, or of one of Bowline's components.
   *
   * @example
   * Linkable.wrap(aws.dynamodb.Table, (table) => ({ properties: { tableName: table.name } }));
   */
  static wrap<T extends object>(of: Class<T>, definition: LinkDefinition<T>): void {
    defineLink(of, definition);
  }

  /**
   * The variables that carry links to compute Bowline does not manage.
   *
   * @example
   * new vercel.ProjectEnvironmentVariables("Env", { variables: Linkable.env([bucket, table]) });
   */
  static env(links: readonly LinkItem[]): Output<Record<string, string>> {
    const app = currentApp();
    return output(resolveLinks("Linkable.env", links)).apply((resolved) => linkVariables(app, resolved));
  }
}
