import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { TypedConsumer } from "./input.ts";
import { packageFolder } from "./package.ts";
import { objectShapeOf } from "./shape.ts";
import { outdatedFiles, typeFiles, writeTypeFiles } from "./write.ts";

const orders = { type: "bowline:aws:Dynamo", shape: objectShapeOf({ name: "x" }) };
const consumer = (
  name: string,
  handlerDir: string,
  links: TypedConsumer["links"],
  runtime = "nodejs24.x",
) => ({
  name,
  runtime,
  handlerDir,
  links,
});
const consumers = [
  consumer("Api", "packages/api/src", { Orders: orders }),
  consumer("Job", "packages/api", { Mail: { ...orders, shape: objectShapeOf({ url: "x" }) } }),
  consumer("Web", "src", { Uploads: orders }),
  consumer("Report", "packages/report", { Orders: orders }, "python3.12"),
];
const packageOf = (folder: string) => /^packages\/\w+/.exec(folder)?.[0] ?? "";

describe("the generated files", () => {
  test("of a package tell of its own functions only, and no package of Python alone has any", () => {
    const files = typeFiles({ consumers }, packageOf);
    expect([...files.keys()].filter((path) => path.endsWith(".d.ts"))).toEqual([
      "bowline-env.d.ts",
      "packages/api/bowline-env.d.ts",
    ]);
    const own = files.get("packages/api/bowline-env.d.ts") ?? "";
    for (const name of ["Orders: {", "Mail: {", "Api: Pick", "Job: Pick"]) expect(own).toContain(name);
    for (const name of ["Uploads", "Web", "Report"]) expect(own).not.toContain(name);
    const all = files.get("bowline-env.d.ts") ?? "";
    for (const name of ["Api", "Job", "Web", "Report", "Uploads"]) expect(all).toContain(`${name}: `);
  });

  test("of a package and of the app agree on what a link looks like", () => {
    const other = consumer("Web", "src", {
      Orders: { ...orders, shape: objectShapeOf({ name: 1, more: "x" }) },
    });
    const files = typeFiles({ consumers: [consumers[0] as TypedConsumer, other] }, packageOf);
    const look = (path: string) => /Orders: \{[^}]*\}/.exec(files.get(path) ?? "")?.[0];
    expect(look("packages/api/bowline-env.d.ts")).toBe(look("bowline-env.d.ts"));
    expect(look("bowline-env.d.ts")).toContain("more?: string");
  });

  test("that are missing or differ are outdated, wherever they are", async () => {
    const root = mkdtempSync(join(tmpdir(), "bowline-types-"));
    try {
      const files = typeFiles({ consumers }, packageOf);
      await writeTypeFiles(root, files);
      expect(await outdatedFiles(root, files)).toEqual([]);
      writeFileSync(join(root, "packages/api/bowline-env.d.ts"), "");
      expect(await outdatedFiles(root, files)).toEqual(["packages/api/bowline-env.d.ts"]);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});

test("a package is the nearest folder with a package.json; the app and what is around it are none", () => {
  const base = mkdtempSync(join(tmpdir(), "bowline-types-"));
  try {
    const root = join(base, "app");
    for (const folder of ["app/packages/api/src", "app/src", "beside/src", "loose"])
      mkdirSync(join(base, folder), { recursive: true });
    for (const folder of [".", "app", "app/packages/api", "beside"])
      writeFileSync(join(base, folder, "package.json"), "{}");
    expect(
      ["packages/api/src", "packages/api", "packages", "src", ".", "../beside/src", "../loose"].map((dir) =>
        packageFolder(root, dir),
      ),
    ).toEqual(["packages/api", "packages/api", "", "", "", "../beside", ""]);
  } finally {
    rmSync(base, { recursive: true });
  }
});
