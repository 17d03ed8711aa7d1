/** Where everything of a graph goes: columns from left to right, what is linked right of who links it. */
import type { GraphEdge, GraphNode, LinkGraph } from "./graph.ts";

export interface PlacedNode extends GraphNode {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Its links, each a line in it. */
  readonly rows: readonly PlacedRow[];
}

export interface PlacedRow extends GraphEdge {
  /** The middle of the line. */
  readonly y: number;
  /** Where the way to what is linked goes through the columns between. */
  readonly via: readonly { readonly from: number; readonly to: number; readonly y: number }[];
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
}

const HEAD = 44;
const ROW = 22;
const FOOT = 8;
/** What a line takes that goes through a column. */
const LANE = 4;
const GAP = { across: 96, down: 20 };
const MARGIN = 16;
const LETTER = 7.8;
const SMALL_LETTER = 6.6;

export function layOut({ nodes, edges }: LinkGraph): Layout {
  const column = columnOf(nodes, edges);
  const ways = edges.map((edge) => wayOf(edge, column));
  const columns = ordered(itemsOf(nodes, ways, column), ways);
  const rowsOf = (name: string) => ways.filter(({ edge }) => edge.from === name);
  const heightOf = (item: Item) => {
    if (!item.node) return LANE;
    const count = rowsOf(item.id).length;
    return HEAD + (count > 0 ? count * ROW + FOOT : 0);
  };
  const heights = columns.map((items) =>
    items.reduce((sum, item) => sum + heightOf(item) + GAP.down, -GAP.down),
  );
  const height = Math.max(0, ...heights);
  const boxes = new Map<string, { x: number; y: number; width: number; height: number }>();
  let x = MARGIN;
  columns.forEach((items, index) => {
    const width = Math.max(0, ...items.map(({ node, id }) => (node ? widthOf(node, rowsOf(id)) : 0)));
    let y = MARGIN + (height - (heights[index] ?? 0)) / 2;
    for (const item of items) {
      boxes.set(item.id, { x, y, width, height: heightOf(item) });
      y += heightOf(item) + GAP.down;
    }
    x += width + GAP.across;
  });
  const placed = nodes.map((node): PlacedNode => {
    const box = boxes.get(node.name) ?? { x: 0, y: 0, width: 0, height: 0 };
    const rows = rowsOf(node.name)
      .map((way) => ({ way, first: boxes.get(way.stops[1] ?? "")?.y ?? 0 }))
      .sort((a, b) => a.first - b.first)
      .map(({ way }, row) => ({
        ...way.edge,
        y: box.y + HEAD + row * ROW + ROW / 2,
        via: way.stops.slice(1, -1).flatMap((stop) => {
          const lane = boxes.get(stop);
          return lane ? [{ from: lane.x, to: lane.x + lane.width, y: lane.y + LANE / 2 }] : [];
        }),
      }));
    return { ...node, ...box, rows };
  });
  return { width: Math.max(x - GAP.across, MARGIN) + MARGIN, height: height + 2 * MARGIN, nodes: placed };
}

/** What stands in a column: a node, or the lane of a way that goes through. */
interface Item {
  readonly id: string;
  readonly node?: GraphNode;
}

/** A link with all it goes through: the consumer, lanes, and what is linked. */
interface Way {
  readonly edge: GraphEdge;
  readonly stops: readonly string[];
}

/** Consumers right of those that link to them, and all that only is linked in the last column. */
function columnOf(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): Map<string, number> {
  const column = new Map<string, number>();
  const path = new Set<string>();
  // Links that close a circle are left out of account.
  const place = (name: string, at: number): void => {
    if (path.has(name) || (column.get(name) ?? -1) >= at) return;
    column.set(name, at);
    path.add(name);
    for (const edge of edges) if (edge.from === name) place(edge.to, at + 1);
    path.delete(name);
  };
  const linked = new Set(edges.map(({ to }) => to));
  for (const { name } of nodes) if (!linked.has(name)) place(name, 0);
  for (const { name } of nodes) if (!column.has(name)) place(name, 0);
  const last = Math.max(0, ...column.values());
  for (const { name, consumer } of nodes) if (!consumer) column.set(name, last);
  return column;
}

function wayOf(edge: GraphEdge, column: ReadonlyMap<string, number>): Way {
  const first = (column.get(edge.from) ?? 0) + 1;
  const lanes = Math.max(0, (column.get(edge.to) ?? 0) - first);
  const through = Array.from({ length: lanes }, (_, index) => laneId(edge, first + index));
  return { edge, stops: [edge.from, ...through, edge.to] };
}

function laneId({ from, to, as = "" }: GraphEdge, column: number): string {
  return JSON.stringify([from, to, as, column]);
}

function itemsOf(
  nodes: readonly GraphNode[],
  ways: readonly Way[],
  column: ReadonlyMap<string, number>,
): Item[][] {
  const last = Math.max(0, ...column.values());
  return Array.from({ length: last + 1 }, (_, at) => [
    ...nodes.filter(({ name }) => column.get(name) === at).map((node) => ({ id: node.name, node })),
    ...ways.flatMap(({ edge, stops }) =>
      stops
        .slice(1, -1)
        .filter((stop) => stop === laneId(edge, at))
        .map((id) => ({ id })),
    ),
  ]).filter((items) => items.length > 0);
}

/** Within its column each item goes where those it is connected with are: seen from the left, from the right, and again. */
function ordered(columns: Item[][], ways: readonly Way[]): Item[][] {
  const sides = { before: new Map<string, string[]>(), after: new Map<string, string[]>() };
  const join = (side: Map<string, string[]>, a: string, b: string) =>
    side.set(a, [...(side.get(a) ?? []), b]);
  for (const { stops } of ways) {
    for (const [index, stop] of stops.slice(1).entries()) {
      join(sides.before, stop, stops[index] ?? "");
      join(sides.after, stops[index] ?? "", stop);
    }
  }
  const now = [...columns];
  const position = new Map<string, number>();
  const settle = (at: number, items: Item[]) => {
    now[at] = items;
    for (const [index, { id }] of items.entries()) position.set(id, (index + 0.5) / items.length);
  };
  for (const [at, items] of columns.entries()) settle(at, items);
  for (let sweep = 0; sweep < 6; sweep++) {
    const near = sweep % 2 === 0 ? sides.before : sides.after;
    const weight = ({ id }: Item) => {
      const others = (near.get(id) ?? []).map((other) => position.get(other) ?? 0);
      return others.length > 0
        ? others.reduce((sum, other) => sum + other, 0) / others.length
        : (position.get(id) ?? 0);
    };
    const order = sweep % 2 === 0 ? [...now.keys()] : [...now.keys()].reverse();
    for (const at of order)
      settle(
        at,
        (now[at] ?? []).toSorted((a, b) => weight(a) - weight(b)),
      );
  }
  return now;
}

function widthOf({ name, type }: GraphNode, rows: readonly Way[]): number {
  const texts = rows.map(({ edge }) => `${edgeTitle(edge)} ${edge.access}`.length * SMALL_LETTER);
  return Math.ceil(Math.max(96, name.length * LETTER, type.length * SMALL_LETTER, ...texts)) + 24;
}

/** What a line of a consumer calls a link. */
export function edgeTitle({ to, as }: GraphEdge): string {
  return as === undefined ? to : `${to} as ${as}`;
}
