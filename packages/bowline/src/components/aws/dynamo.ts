import * as aws from "@pulumi/aws";
import type { ComponentResourceOptions, Output } from "@pulumi/pulumi";
import { BowlineError } from "../../error.ts";
import { type Grant, profiles } from "../../link/access.ts";
import type { Access } from "../../link/grant.ts";
import type { Link } from "../../link/link.ts";
import { Component, type Transform, transformed } from "../component.ts";
import { type StreamSubscribeArgs, subscribeToStream } from "./event-source.ts";
import type { Function as LambdaFunction } from "./function.ts";
import { childName, type Subscriber } from "./subscriber.ts";

export interface DynamoIndex {
  readonly hashKey: string;
  readonly rangeKey?: string;
  /** Which attributes the index holds. Default `"all"`. */
  readonly projection?: "all" | "keys-only" | readonly string[];
}

export interface DynamoArgs {
  /** The attributes that keys are made of, and what they are. */
  readonly fields: Readonly<Record<string, "string" | "number" | "binary">>;
  readonly primaryIndex: { readonly hashKey: string; readonly rangeKey?: string };
  readonly globalIndexes?: Readonly<Record<string, DynamoIndex>>;
  readonly localIndexes?: Readonly<
    Record<string, { readonly rangeKey: string; readonly projection?: DynamoIndex["projection"] }>
  >;
  /** What its stream holds of each change. Default: no stream. */
  readonly stream?: "keys-only" | "new-image" | "old-image" | "new-and-old-images";
  /** The attribute with the time (in seconds) at which an item expires. */
  readonly ttl?: string;
  readonly deletionProtection?: boolean;
  readonly transform?: {
    readonly table?: Transform<aws.dynamodb.TableArgs>;
  };
}

export type DynamoSubscribeArgs = StreamSubscribeArgs;

const TYPE = "bowline:aws:Dynamo";
const ATTRIBUTE_TYPES = { string: "S", number: "N", binary: "B" } as const;

/**
 * A DynamoDB table, billed on demand.
 *
 * @example
 * const orders = new aws.Dynamo("Orders", { fields: { id: "string" }, primaryIndex: { hashKey: "id" } });
 */
export class Dynamo extends Component {
  readonly nodes: { readonly table: aws.dynamodb.Table };
  readonly #hasIndexes: boolean;
  readonly #hasStream: boolean;

  constructor(name: string, args: DynamoArgs, options?: ComponentResourceOptions) {
    super(TYPE, name, options);
    checkFields(name, args);
    const globals = Object.entries(args.globalIndexes ?? {});
    const locals = Object.entries(args.localIndexes ?? {});
    this.#hasIndexes = globals.length + locals.length > 0;
    const table = new aws.dynamodb.Table(
      name,
      transformed(args.transform?.table, name, {
        attributes: Object.entries(args.fields).map(([field, type]) => ({
          name: field,
          type: ATTRIBUTE_TYPES[type],
        })),
        billingMode: "PAY_PER_REQUEST",
        hashKey: args.primaryIndex.hashKey,
        rangeKey: args.primaryIndex.rangeKey,
        globalSecondaryIndexes: globals.map(([index, { hashKey, rangeKey, projection }]) => ({
          name: index,
          hashKey,
          rangeKey,
          ...projected(projection),
        })),
        localSecondaryIndexes: locals.map(([index, { rangeKey, projection }]) => ({
          name: index,
          rangeKey,
          ...projected(projection),
        })),
        streamEnabled: args.stream !== undefined,
        streamViewType: args.stream?.toUpperCase().replaceAll("-", "_"),
        ttl: args.ttl === undefined ? undefined : { attributeName: args.ttl, enabled: true },
        deletionProtectionEnabled: args.deletionProtection,
      }),
      { parent: this },
    );
    this.nodes = { table };
    this.#hasStream = args.stream !== undefined;
    this.registerLinkable({ name: this.name, arn: this.arn });
  }

  /** The name DynamoDB knows it by. */
  get name(): Output<string> {
    return this.nodes.table.name;
  }

  get arn(): Output<string> {
    return this.nodes.table.arn;
  }

  /** How a consumer may use it. Without an argument: `"read"` and `"write"`. */
  link(...access: Access<typeof TYPE>[]): Link<{ name: string; arn: string }> {
    return this.linkWith(TYPE, access, { name: this.name, arn: this.arn }, this.#hasIndexes);
  }

  /**
   * Runs a function for the changes that are made from now on, in batches and in the order of each item.
   *
   * @example
   * orders.subscribe("Mail", "src/mail.handler", { filters: [{ eventName: ["INSERT"] }] });
   */
  subscribe(subscription: string, subscriber: Subscriber, args: DynamoSubscribeArgs = {}): LambdaFunction {
    const name = childName(this.logicalName, subscription);
    if (!this.#hasStream) {
      throw new BowlineError(
        "no-stream",
        `${name}: the table ${this.logicalName} has no stream to subscribe to.`,
        {
          hint: 'Ask for one: stream: "new-and-old-images" (or "new-image", "old-image", "keys-only").',
        },
      );
    }
    const grants: readonly Grant[] = profiles[TYPE].levels.stream;
    const actions = grants.filter(({ on }) => on.includes("stream")).flatMap((grant) => grant.actions);
    return subscribeToStream(name, subscriber, { arn: this.nodes.table.streamArn, actions }, args, {
      parent: this,
    });
  }
}

function projected(projection: DynamoIndex["projection"] = "all") {
  if (projection === "all") return { projectionType: "ALL" };
  if (projection === "keys-only") return { projectionType: "KEYS_ONLY" };
  return { projectionType: "INCLUDE", nonKeyAttributes: [...(projection as readonly string[])] };
}

/** DynamoDB wants exactly the attributes that keys use, and says so late and unclearly. */
function checkFields(name: string, args: DynamoArgs): void {
  const indexes = [
    args.primaryIndex,
    ...Object.values(args.globalIndexes ?? {}),
    ...Object.values(args.localIndexes ?? {}),
  ];
  const used = new Set(
    indexes
      .flatMap((index) => ["hashKey" in index ? index.hashKey : undefined, index.rangeKey])
      .filter((key) => key !== undefined),
  );
  for (const key of used) {
    if (!Object.hasOwn(args.fields, key)) {
      throw new BowlineError("bad-table", `Dynamo "${name}": the key "${key}" is not among its fields.`, {
        hint: `Add it: fields: { ${key}: "string" }.`,
      });
    }
  }
  const idle = Object.keys(args.fields).filter((field) => !used.has(field));
  if (idle.length > 0) {
    throw new BowlineError(
      "bad-table",
      `Dynamo "${name}": the field "${idle.join('", "')}" is part of no key.`,
      {
        hint: "fields holds only what keys and indexes use; items may have any other attributes without declaring them.",
      },
    );
  }
}
