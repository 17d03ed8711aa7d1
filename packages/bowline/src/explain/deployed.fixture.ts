import type { ResolvedLink } from "../link/resolve.ts";
import type { Statement } from "../link/statement.ts";
import type { DeployedConsumer, DeployedLinks } from "./deployed.ts";
import { asPolicy } from "./match.ts";

export const ORDERS = "arn:aws:dynamodb:us-east-1:000000000000:table/shop-orders";
export const UPLOADS = "arn:aws:s3:::shop-uploads";

export const allow = (
  actions: readonly string[],
  resources: readonly string[],
  more: Partial<Statement> = {},
): Statement => ({
  effect: "Allow",
  actions,
  resources,
  conditions: {},
  ...more,
});

export function link(name: string, origin: string, statements: readonly Statement[] = []): ResolvedLink {
  const [type, value] =
    name === "Uploads"
      ? ["bowline:aws:Bucket", { name: "shop-uploads", arn: UPLOADS }]
      : name === "Settings"
        ? ["bowline:index:Linkable", { retries: 3 }]
        : ["bowline:aws:Dynamo", { name: "shop-orders", arn: ORDERS }];
  const known = { name, type, origin, value: { ...value, type }, statements, environment: {} };
  return { ...known, sensitive: false } as Partial<ResolvedLink> as ResolvedLink;
}

/** A function whose one inline policy is all of its statements, unmerged. */
export function consumer(
  name: string,
  links: readonly ResolvedLink[],
  more: Partial<DeployedConsumer> = {},
): DeployedConsumer {
  const permissions = more.permissions ?? [];
  const statements = [...links.flatMap((own) => own.statements), ...permissions].map(asPolicy);
  return {
    name,
    kind: "function",
    runtime: "nodejs24.x",
    handler: "src/api.handler",
    payload: "",
    functionName: `shop-${name}`,
    roleArn: `arn:aws:iam::000000000000:role/shop-${name}`,
    links,
    permissions,
    environment: {},
    policies: statements.length > 0 ? [{ name: `${name}Links`, kind: "inline", statements }] : [],
    variables: new Set(links.map((own) => `SST_RESOURCE_${own.name}`)),
    foreignRole: false,
    ...more,
  };
}

export function deployed(...consumers: DeployedConsumer[]): DeployedLinks {
  return {
    consumers,
    manifest: {
      app: { name: "shop", stage: "t" },
      consumers,
      linkables: [link("Orders", ""), link("Uploads", ""), link("Settings", "")],
      outputs: {},
      secretOutputs: [],
    },
  };
}
