import { XMLValidator } from "fast-xml-parser";
import { describe, expect, test } from "vitest";
import { random } from "../resource/random.fixture.ts";
import { allow, consumer, deployed, link, ORDERS } from "./deployed.fixture.ts";
import { type LinkGraph, linkGraph, mermaid, shortType } from "./graph.ts";
import { layOut } from "./graph-layout.ts";
import { svg } from "./graph-svg.ts";

describe("the graph of links", () => {
  const orders = link("Orders", 'link("read")', [allow(["dynamodb:GetItem"], [ORDERS])]);
  const graph = linkGraph(
    deployed(
      consumer("Api", [orders, link("Settings", "its link")]),
      consumer("Job", [{ ...orders, name: "Db" }]),
    ),
  );

  test("has consumers, what they are linked to under its own name, and what nobody links", () => {
    expect(graph).toEqual({
      nodes: [
        { name: "Api", type: "aws.Function", consumer: true },
        { name: "Job", type: "aws.Function", consumer: true },
        { name: "Orders", type: "aws.Dynamo", consumer: false },
        { name: "Settings", type: "Linkable", consumer: false },
        { name: "Uploads", type: "aws.Bucket", consumer: false },
      ],
      edges: [
        { from: "Api", to: "Orders", access: "read" },
        { from: "Api", to: "Settings", access: "values" },
        { from: "Job", to: "Orders", as: "Db", access: "read" },
      ],
    });
  });

  test("as Mermaid", () => {
    expect(mermaid(graph)).toBe(`flowchart LR
  n0["Api<br/><small>aws.Function</small>"]
  n1["Job<br/><small>aws.Function</small>"]
  n2("Orders<br/><small>aws.Dynamo</small>")
  n3("Settings<br/><small>Linkable</small>")
  n4("Uploads<br/><small>aws.Bucket</small>")
  n0 -->|"read"| n2
  n0 -->|"values"| n3
  n1 -->|"Db: read"| n2`);
  });

  test("as SVG that is well-formed, whatever things are called", () => {
    const picture = svg({
      nodes: [{ name: "A", type: '<&">', consumer: true }],
      edges: [{ from: "A", to: "A", access: "</text>" }],
    });
    expect(XMLValidator.validate(picture)).toBe(true);
    expect(svg({ nodes: [], edges: [] })).toContain("<svg");
  });

  test("types are told as a config writes them", () => {
    expect(["bowline:index:Secret", "aws:dynamodb/table:Table", "bowline:aws:Bucket"].map(shortType)).toEqual(
      ["Secret", "aws.dynamodb.Table", "aws.Bucket"],
    );
  });

  test("no box lies on another, and no way to the right goes through one, in 300 random graphs", () => {
    const below = random(7);
    for (let round = 0; round < 300; round++) {
      const { nodes, width, height } = layOut(randomGraph(below));
      for (const a of nodes) {
        expect(a.x + a.width <= width && a.y + a.height <= height).toBe(true);
        for (const b of nodes) {
          const apart =
            a === b ||
            a.x + a.width < b.x ||
            b.x + b.width < a.x ||
            a.y + a.height < b.y ||
            b.y + b.height < a.y;
          expect(apart).toBe(true);
        }
        const lanes = a.rows.flatMap(({ via }) => via);
        for (const lane of lanes)
          expect(nodes.some((b) => b.x === lane.from && lane.y >= b.y && lane.y <= b.y + b.height)).toBe(
            false,
          );
      }
    }
  });
});

/** Functions linked to each other, in circles too, and to resources. */
function randomGraph(below: (limit: number) => number): LinkGraph {
  const functions = Array.from({ length: 1 + below(6) }, (_, index) => `F${index}`);
  const resources = Array.from({ length: below(6) }, (_, index) => `R${index}`);
  const all = [...functions, ...resources];
  const pick = (names: readonly string[]) => names[below(names.length)] ?? "";
  const edges = Array.from({ length: below(14) }, () => ({
    from: pick(functions),
    to: pick(all),
    access: "x",
  }));
  return {
    nodes: all.map((name) => ({ name, type: "t", consumer: name.startsWith("F") })),
    edges: [...new Map(edges.map((edge) => [`${edge.from} ${edge.to}`, edge])).values()],
  };
}
