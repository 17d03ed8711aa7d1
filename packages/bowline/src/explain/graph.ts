import type { Consumer } from "../deploy/manifest.ts";
import type { ResolvedLink } from "../link/resolve.ts";
import { accessOf } from "./access-words.ts";
import type { DeployedLinks } from "./deployed.ts";

/** Who is linked to what. */
export interface LinkGraph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

export interface GraphNode {
  readonly name: string;
  /** `aws.Function`, `aws.Bucket`, `Secret`. */
  readonly type: string;
  readonly consumer: boolean;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** What the consumer calls it, where that is another name. */
  readonly as?: string;
  /** `read, write`; `values` for a link that grants nothing. */
  readonly access: string;
}

/** The graph of a stage: functions, what they are linked to, and what nobody is linked to. */
export function linkGraph({ manifest, consumers }: DeployedLinks): LinkGraph {
  const nodes = new Map<string, GraphNode>();
  for (const { name, kind } of consumers) nodes.set(name, { name, type: typeOf(kind), consumer: true });
  const add = (link: ResolvedLink, name: string) => {
    if (!nodes.has(name)) nodes.set(name, { name, type: shortType(link.type), consumer: false });
  };
  for (const link of manifest.linkables) add(link, link.name);
  const edges = consumers.flatMap((consumer) => edgesOf(consumer, manifest.linkables, add));
  return { nodes: [...nodes.values()].toSorted(byName), edges };
}

function edgesOf(
  consumer: Consumer,
  linkables: readonly ResolvedLink[],
  add: (link: ResolvedLink, name: string) => void,
): GraphEdge[] {
  return consumer.links.map((link) => {
    const target = linkables.find((known) => isSame(known, link)) ?? link;
    add(link, target.name);
    return {
      from: consumer.name,
      to: target.name,
      ...(target.name === link.name ? {} : { as: link.name }),
      access: accessOf(link),
    };
  });
}

/** Under its own name, or under an alias to the same resource. */
function isSame(known: ResolvedLink, link: ResolvedLink): boolean {
  const { arn } = link.value;
  return (
    known.type === link.type && (known.name === link.name || (arn !== undefined && known.value.arn === arn))
  );
}

function typeOf(kind: "function" | "worker"): string {
  return kind === "function" ? "aws.Function" : "cloudflare.Worker";
}

/** `bowline:aws:Bucket` is aws.Bucket, `bowline:index:Secret` is Secret, `aws:dynamodb/table:Table` aws.dynamodb.Table. */
export function shortType(type: string): string {
  const [pkg = "", module = "", name = ""] = type.split(":");
  const [space = ""] = module.split("/");
  const parts =
    pkg === "bowline" ? [space === "index" ? "" : space, name] : [pkg, space === "index" ? "" : space, name];
  return parts.filter((part) => part).join(".");
}

function byName(a: GraphNode, b: GraphNode): number {
  return a.name < b.name ? -1 : 1;
}

/** For a Markdown page: a `mermaid` block shows it. */
export function mermaid({ nodes, edges }: LinkGraph): string {
  const ids = new Map(nodes.map(({ name }, index) => [name, `n${index}`]));
  return [
    "flowchart LR",
    ...nodes.map(({ name, type, consumer }) => {
      const text = `"${name}<br/><small>${type}</small>"`;
      return `  ${ids.get(name)}${consumer ? `[${text}]` : `(${text})`}`;
    }),
    ...edges.map(
      ({ from, to, as, access }) =>
        `  ${ids.get(from)} -->|"${as ? `${as}: ` : ""}${access}"| ${ids.get(to)}`,
    ),
  ].join("\n");
}
