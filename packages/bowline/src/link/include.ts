import type { Input } from "@pulumi/pulumi";

/** What a link brings along besides its properties. */
export type Include = Permission | Environment | Binding;

export interface Permission {
  readonly kind: "permission";
  readonly effect: "Allow" | "Deny";
  readonly actions: readonly string[];
  readonly resources: readonly Input<string>[];
  readonly conditions: readonly Condition[];
}

/** One line of an IAM condition block. */
export interface Condition {
  /** The operator: `StringEquals`, `ForAllValues:StringLike`, … */
  readonly test: string;
  /** The condition key: `s3:prefix`, `dynamodb:LeadingKeys`, … */
  readonly variable: string;
  readonly values: readonly Input<string>[];
}

/** Plain variables for the consumer; what the user sets on the consumer itself wins over them. */
export interface Environment {
  readonly kind: "environment";
  readonly variables: Readonly<Record<string, Input<string>>>;
}

/** A binding of a Cloudflare Worker. */
export interface Binding {
  readonly kind: "binding";
  /** For example `r2BucketBindings`. */
  readonly type: string;
  /** Its place in the link: `env.<Link>.<as>`. Without one it is `env.<Link>` itself. */
  readonly as?: string;
  readonly properties: Readonly<Record<string, Input<string>>>;
  /** The class or handler behind it, for types: what a module of the app exports. */
  readonly of?: { readonly module: string; readonly name: string };
}

/** What users write to grant something. */
export interface PermissionArgs {
  readonly actions: readonly string[];
  readonly resources: readonly Input<string>[];
  /** Default `allow`. */
  readonly effect?: "allow" | "deny";
  readonly conditions?: readonly {
    readonly test: string;
    readonly variable: string;
    readonly values: readonly Input<string>[];
  }[];
}

export function permission(args: PermissionArgs): Permission {
  return {
    kind: "permission",
    effect: args.effect === "deny" ? "Deny" : "Allow",
    actions: [...args.actions],
    resources: [...args.resources],
    conditions: [...(args.conditions ?? [])],
  };
}

export function environment(variables: Readonly<Record<string, Input<string>>>): Environment {
  return { kind: "environment", variables };
}
