import type { LinkGraph } from "./graph.ts";
import { edgeTitle, layOut, type PlacedNode, type PlacedRow } from "./graph-layout.ts";

/** Boxes have grounds of their own, and lines a grey that is seen on light and dark: the page behind may be either. */
const COLOURS = {
  consumer: { fill: "#dbeafe", line: "#3b82f6", text: "#1e293b", dim: "#475569" },
  resource: { fill: "#f1f5f9", line: "#64748b", text: "#1e293b", dim: "#475569" },
  edge: "#7c8a9e",
} as const;

/** The graph as a picture that stands alone: no script, no font, nothing from elsewhere. */
export function svg(graph: LinkGraph): string {
  const { width, height, nodes } = layOut(graph);
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const edges = nodes.flatMap((node) =>
    node.rows.map((row, index) => edgePath(node, row, byName.get(row.to), index)),
  );
  const size = `width="${Math.ceil(width)}" height="${Math.ceil(height)}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} viewBox="0 0 ${Math.ceil(width)} ${Math.ceil(height)}" role="img" aria-label="Who is linked to what" font-family="ui-sans-serif, system-ui, 'Segoe UI', Helvetica, Arial, sans-serif" font-size="13">
<defs><marker id="end" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0.5 8 4 0 7.5z" fill="${COLOURS.edge}"/></marker></defs>
<g fill="none" stroke="${COLOURS.edge}" stroke-width="1.4">
${edges.join("\n")}
</g>
${nodes.map(box).join("\n")}
</svg>
`;
}

function box(node: PlacedNode): string {
  const { x, y, width, height, name, type, consumer, rows } = node;
  const colour = consumer ? COLOURS.consumer : COLOURS.resource;
  const left = x + 12;
  const lines = rows.map(
    ({ y: middle, ...edge }) =>
      `<text x="${left}" y="${round(middle + 4)}" font-size="11.5" fill="${colour.text}">${escaped(edgeTitle(edge))} <tspan fill="${colour.dim}">${escaped(edge.access)}</tspan></text>`,
  );
  return [
    `<g><rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="${consumer ? 6 : 16}" fill="${colour.fill}" stroke="${colour.line}"/>`,
    `<text x="${left}" y="${round(y + 19)}" font-weight="600" fill="${colour.text}">${escaped(name)}</text>`,
    `<text x="${left}" y="${round(y + 34)}" font-size="11" fill="${colour.dim}">${escaped(type)}</text>`,
    ...lines,
    "</g>",
  ].join("\n");
}

/** From the line of the link to the head of what it leads to; back round where that is not further right. */
function edgePath(from: PlacedNode, row: PlacedRow, to: PlacedNode | undefined, index: number): string {
  if (!to) return "";
  const startX = from.x + from.width;
  const endY = to.y + 22;
  if (to.x > from.x) {
    const end = { from: to.x - 2, to: to.x - 2, y: endY };
    let at = { x: startX, y: row.y };
    const parts = [...row.via, end].map((stop) => {
      const bend = (stop.from - at.x) / 2;
      const curve = `C${round(at.x + bend)} ${round(at.y)} ${round(stop.from - bend)} ${round(stop.y)} ${round(stop.from)} ${round(stop.y)}`;
      at = { x: stop.to, y: stop.y };
      return stop.to > stop.from ? `${curve}H${round(stop.to)}` : curve;
    });
    return `<path d="M${round(startX)} ${round(row.y)}${parts.join("")}" marker-end="url(#end)"/>`;
  }
  const out = startX + 18 + index * 5;
  const endX = to.x + to.width;
  const path = `M${round(startX)} ${round(row.y)}C${round(out + 26)} ${round(row.y)} ${round(Math.max(out, endX + 18) + 26)} ${round(endY)} ${round(endX + 2)} ${round(endY)}`;
  return `<path d="${path}" stroke-dasharray="4 3" marker-end="url(#end)"/>`;
}

const round = (value: number): number => Math.round(value * 10) / 10;

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
