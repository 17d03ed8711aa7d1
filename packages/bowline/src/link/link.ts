import type { Input } from "@pulumi/pulumi";
import type { Include, Permission } from "./include.ts";

/** A link's properties while the program runs: any of them may be an Output. */
export type LinkProperties = Readonly<Record<string, unknown>>;
/** The same, as they are given. */
export type LinkInputs<P> = { readonly [K in keyof P]: Input<P[K]> };

/**
 * What a linkable hands to a consumer: a name, values to read at run time, and what comes along with them.
 * A link never changes: each modifier returns a new one.
 *
 * @example
 * const report = table.link("read").as("Orders").addProperties({ region: "eu-west-1" });
 */
export class Link<P extends LinkProperties = LinkProperties> {
  readonly name: string;
  /** For example `bowline:aws:Bucket`; a consumer reads it as `Resource.<name>.type`. */
  readonly type: string;
  readonly properties: LinkInputs<P>;
  readonly include: readonly Include[];
  /** For messages: `link "read"`, `the default link`. */
  readonly origin: string;

  constructor(definition: {
    readonly name: string;
    readonly type: string;
    readonly properties: LinkInputs<P>;
    readonly include?: readonly Include[];
    readonly origin?: string;
  }) {
    this.name = definition.name;
    this.type = definition.type;
    this.properties = definition.properties;
    this.include = definition.include ?? [];
    this.origin = definition.origin ?? "its link";
    Object.freeze(this);
  }

  /** Outputs copy what they hold, and a copy has lost its class: a link is known by what it has. */
  static from(item: object): Link | undefined {
    if (item instanceof Link) return item;
    const { name, type, properties, include, origin } = item as Partial<Link>;
    if (typeof name !== "string" || typeof type !== "string" || typeof origin !== "string") return undefined;
    if (typeof properties !== "object" || !Array.isArray(include)) return undefined;
    return new Link({ name, type, properties, include, origin });
  }

  /** The same link with other properties altogether. */
  withProperties<Q extends LinkProperties>(properties: LinkInputs<Q>): Link<Q> {
    return new Link<Q>({ ...this.#parts(), properties });
  }

  addProperties<Q extends LinkProperties>(properties: LinkInputs<Q>): Link<Omit<P, keyof Q> & Q> {
    return new Link({
      ...this.#parts(),
      properties: { ...this.properties, ...properties } as unknown as LinkInputs<Omit<P, keyof Q> & Q>,
    });
  }

  /** Keys it does not have are ignored. */
  removeProperties<K extends string>(...keys: readonly K[]): Link<Omit<P, K>> {
    const rest = Object.entries(this.properties).filter(
      ([key]) => !(keys as readonly string[]).includes(key),
    );
    return new Link({ ...this.#parts(), properties: Object.fromEntries(rest) as LinkInputs<Omit<P, K>> });
  }

  /** The same link with just these permissions; bindings and environment stay. */
  withPermissions(...permissions: readonly Permission[]): Link<P> {
    const others = this.include.filter((item) => item.kind !== "permission");
    return new Link({ ...this.#parts(), include: [...others, ...permissions], origin: "withPermissions" });
  }

  addPermissions(...permissions: readonly Permission[]): Link<P> {
    return new Link({ ...this.#parts(), include: [...this.include, ...permissions] });
  }

  /** The consumer's own name for it: read as `Resource.<name>`. */
  as(name: string): Link<P> {
    return new Link({ ...this.#parts(), name });
  }

  #parts() {
    return {
      name: this.name,
      type: this.type,
      properties: this.properties,
      include: this.include,
      origin: this.origin,
    };
  }
}
