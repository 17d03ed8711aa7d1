import { expect, test } from "vitest";
import type { ScriptObject } from "../../workers/objects.ts";
import { classesAfter, leftBehind } from "./classes.ts";

const script = (...classes: string[]): ScriptObject => ({
  scriptName: "chat",
  content: "",
  compatibilityDate: "2026-07-01",
  compatibilityFlags: [],
  bindings: classes.map((className) => ({ type: "durable_object_namespace", name: className, className })),
});

type Migrations = Parameters<typeof classesAfter>[2];

function deployed(...steps: (readonly [script: ScriptObject, migrations?: Migrations])[]) {
  return steps.reduce<ScriptObject | undefined>(
    (before, [next, migrations]) => ({ ...next, classes: classesAfter(next, before, migrations) }),
    undefined,
  )?.classes;
}

const renamed: Migrations = {
  newSqliteClasses: ["Hall", "Room"],
  renamedClasses: [{ from: "Room", to: "Hall" }],
};

test("a class is kept under its name, and stays there when it is renamed, however often that is said", () => {
  const first = [script("Room"), { newSqliteClasses: ["Room"] }] as const;
  expect(deployed(first)).toEqual({ Room: "chat-Room" });
  const then = [script("Hall"), { ...renamed, newSqliteClasses: ["Hall"] }] as const;
  expect(deployed(first, then)).toEqual({ Hall: "chat-Room" });
  expect(deployed(first, then, then)).toEqual({ Hall: "chat-Room" });
});

test("another class of a name that was renamed has data of its own", () => {
  const classes = deployed(
    [script("Room")],
    [script("Hall", "Room"), renamed],
    [script("Hall", "Room"), renamed],
  );
  expect(classes).toEqual({ Hall: "chat-Room", Room: "chat-Room-2" });
});

test("a class is gone when it is deleted, and left behind when it is only declared no more", () => {
  const first = [script("Room", "Seat")] as const;
  expect(deployed(first, [script("Room"), { deletedClasses: ["Seat"] }])).toEqual({ Room: "chat-Room" });
  const left = deployed(first, [script("Room")]) ?? {};
  expect(left).toEqual({ Room: "chat-Room", Seat: "chat-Seat" });
  expect(leftBehind(script("Room"), left)).toEqual(["Seat"]);
});

test("steps are made in their order, and what was deployed before they were kept is known", () => {
  const steps = {
    steps: [{ newSqliteClasses: ["Seat"] }, { renamedClasses: [{ from: "Seat", to: "Chair" }] }],
  };
  const { classes: _, ...before } = { ...script("Room"), classes: {} };
  expect(classesAfter(script("Room", "Chair"), before, steps)).toEqual({
    Room: "chat-Room",
    Chair: "chat-Seat",
  });
});
