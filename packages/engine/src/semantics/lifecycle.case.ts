import type * as pulumi from "@pulumi/pulumi";
import { Exclusive, Group, Thing } from "../testing/things.ts";
import type { Case } from "./case.ts";

const one = (value: unknown) => () => {
  new Thing("a", { name: "a", value });
};
const zoned = (zone: string, opts?: pulumi.CustomResourceOptions) => () => {
  new Thing("a", { zone, value: 1 }, opts);
};

export const lifecycle: readonly Case[] = [
  { name: "an empty program creates only the stack", runs: [{ program: () => {}, steps: [] }] },
  {
    name: "a new resource is created",
    runs: [{ program: one(1), steps: ["create a"], log: ["create a"] }],
  },
  {
    name: "an unchanged resource stays the same",
    runs: [
      { program: one({ deep: [1, { x: null }] }), steps: ["create a"] },
      { program: one({ deep: [1, { x: null }] }), steps: ["same a"], log: [] },
    ],
  },
  {
    name: "a changed property updates in place",
    runs: [
      { program: one(1), steps: ["create a"] },
      { program: one(2), steps: ["update a"], log: ["update a"] },
    ],
  },
  {
    name: "a removed property updates in place",
    runs: [
      { program: one(1), steps: ["create a"] },
      { program: one(undefined), steps: ["update a"] },
    ],
  },
  {
    name: "a property that cannot change replaces, the new one first",
    runs: [
      { program: zoned("x"), steps: ["create a"] },
      {
        program: zoned("y"),
        steps: ["create-replacement a", "replace a", "delete-replaced a"],
        ordered: true,
      },
    ],
  },
  {
    name: "deleteBeforeReplace of the program deletes first",
    runs: [
      { program: zoned("x"), steps: ["create a"] },
      {
        program: zoned("y", { deleteBeforeReplace: true }),
        steps: ["delete-replaced a", "replace a", "create-replacement a"],
        ordered: true,
      },
    ],
  },
  {
    name: "deleteBeforeReplace of the provider deletes first",
    runs: [
      { program: () => void new Exclusive("a", { name: "a", zone: "x" }), steps: ["create a"] },
      {
        program: () => void new Exclusive("a", { name: "a", zone: "y" }),
        steps: ["delete-replaced a", "replace a", "create-replacement a"],
        ordered: true,
        log: ["delete a", "create a"],
      },
    ],
  },
  {
    name: "the program overrules the provider's deleteBeforeReplace",
    runs: [
      { program: () => void new Exclusive("a", { zone: "x" }), steps: ["create a"] },
      {
        program: () => void new Exclusive("a", { zone: "y" }, { deleteBeforeReplace: false }),
        steps: ["create-replacement a", "replace a", "delete-replaced a"],
        ordered: true,
      },
    ],
  },
  {
    name: "a resource that is no longer declared is deleted",
    runs: [
      { program: one(1), steps: ["create a"] },
      { program: () => {}, steps: ["delete a"], log: ["delete a"] },
    ],
  },
  {
    name: "destroy deletes dependents before what they depend on",
    runs: [
      {
        program: () => {
          const a = new Thing("a", { name: "a" });
          const b = new Thing("b", { name: "b", value: a.arn });
          new Thing("c", { name: "c" }, { dependsOn: b });
        },
        steps: ["create a", "create b", "create c"],
        ordered: true,
      },
      { do: "destroy", steps: ["delete c", "delete b", "delete a"], ordered: true },
    ],
  },
  {
    name: "an output of one resource is an input of the next",
    runs: [
      {
        program: () => {
          const a = new Thing("a", { name: "a" });
          return { value: new Thing("b", { name: "b", value: a.arn }).value };
        },
        steps: ["create a", "create b"],
        ordered: true,
        outputs: { value: "arn:test:Thing:a" },
      },
    ],
  },
  {
    name: "dependents follow a replacement before the old one goes",
    runs: [
      { program: pair("x"), steps: ["create a", "create b"] },
      {
        program: pair("y"),
        steps: ["create-replacement a", "replace a", "update b", "delete-replaced a"],
        ordered: true,
      },
    ],
  },
  {
    name: "deleting first takes along dependents that cannot change",
    runs: [
      { program: chain("x"), steps: ["create a", "create b", "create c"] },
      {
        program: chain("y"),
        steps: [
          "delete-replaced b",
          "delete-replaced a",
          "replace a",
          "create-replacement a",
          "replace b",
          "create-replacement b",
          "same c",
        ],
      },
    ],
  },
  {
    name: "deleting first spares dependents by dependsOn alone",
    runs: [
      {
        program: () => void new Thing("b", {}, { dependsOn: new Exclusive("a", { name: "a", zone: "x" }) }),
        steps: ["create a", "create b"],
      },
      {
        program: () => void new Thing("b", {}, { dependsOn: new Exclusive("a", { name: "a", zone: "y" }) }),
        steps: ["delete-replaced a", "replace a", "create-replacement a", "same b"],
      },
    ],
  },
  {
    name: "a dependent deleted along, and no longer declared, is gone",
    runs: [
      { program: chain("x"), steps: ["create a", "create b", "create c"] },
      {
        program: () => void new Exclusive("a", { name: "a", zone: "y" }),
        steps: [
          "delete-replaced b",
          "delete-replaced a",
          "replace a",
          "create-replacement a",
          "remove-pending-replace b",
          "delete c",
        ],
      },
      { do: "destroy", steps: ["delete a"] },
    ],
  },
  {
    name: "generated names are kept by updates",
    runs: [
      {
        program: () => ({ same: new Thing("a", { value: 1 }).name.apply((n) => n.startsWith("a-")) }),
        steps: ["create a"],
        outputs: { same: true },
      },
      { program: () => void new Thing("a", { value: 2 }), steps: ["update a"] },
    ],
  },
  {
    name: "components group without doing anything themselves",
    runs: [
      {
        program: () => {
          const group = new Group("g");
          new Thing("a", { name: "a" }, { parent: group });
        },
        steps: ["create g", "create a"],
        ordered: true,
        log: ["create a"],
      },
      { do: "destroy", steps: ["delete a", "delete g"], ordered: true, log: ["delete a"] },
    ],
  },
  {
    name: "a child with another parent is another resource",
    runs: [
      {
        program: () => void new Thing("a", { name: "a1" }, { parent: new Group("g") }),
        steps: ["create g", "create a"],
      },
      { program: () => void new Thing("a", { name: "a2" }), steps: ["create a", "delete a", "delete g"] },
    ],
  },
  {
    name: "two resources of one name are refused",
    runs: [
      {
        program: () => {
          new Thing("a", { name: "a1" });
          new Thing("a", { name: "a2" });
        },
        steps: ["create a"],
        fails: /two resources of type test:index:Thing are named "a"/,
      },
    ],
  },
  {
    name: "failed checks name the property",
    runs: [{ program: one("invalid"), steps: [], fails: /value: "invalid" is not allowed/ }],
  },
  {
    name: "a failed creation is tried again by the next run",
    runs: [
      {
        program: () => void new Thing("a", { name: "a", fail: "create" }),
        steps: [],
        fails: /creating a failed/,
      },
      { program: () => void new Thing("a", { name: "a" }), steps: ["create a"] },
    ],
  },
  {
    name: "a failed update leaves what was there",
    runs: [
      { program: one(1), steps: ["create a"] },
      {
        program: () => void new Thing("a", { name: "a", value: 2, fail: "update" }),
        steps: [],
        fails: /updating a failed/,
      },
      { program: one(1), steps: ["same a"] },
    ],
  },
  {
    name: "after a failure nothing is deleted",
    runs: [
      { program: one(1), steps: ["create a"] },
      {
        program: () => void new Thing("b", { name: "b", fail: "create" }),
        steps: [],
        fails: /creating b failed/,
      },
      { program: one(1), steps: ["same a"] },
    ],
  },
  {
    name: "a failed deletion keeps what it depends on",
    runs: [
      {
        program: () => {
          const a = new Thing("a", { name: "a" });
          new Thing("b", { name: "b", value: a.arn, fail: "delete" });
          new Thing("c", { name: "c" });
        },
        steps: ["create a", "create b", "create c"],
      },
      { do: "destroy", steps: ["delete c"], fails: /deleting b failed/ },
    ],
  },
  {
    name: "a failed replacement leaves the old one in place",
    runs: [
      { program: zoned("x"), steps: ["create a"] },
      {
        program: () => void new Thing("a", { zone: "y", value: 1, fail: "create" }),
        steps: [],
        fails: /creating a-\w+ failed/,
      },
      { program: zoned("x"), steps: ["same a"], log: [] },
    ],
  },
  {
    name: "a replacement that failed after its predecessor was deleted is made up for",
    runs: [
      { program: () => void new Exclusive("a", { name: "a", zone: "x" }), steps: ["create a"] },
      {
        program: () => void new Exclusive("a", { name: "a", zone: "y", fail: "create" }),
        steps: ["delete-replaced a", "replace a"],
        fails: /creating a failed/,
      },
      {
        program: () => void new Exclusive("a", { name: "a", zone: "y" }),
        steps: ["replace a", "create-replacement a"],
        log: ["create a"],
      },
    ],
  },
  {
    name: "a replacement that failed, and is no longer wanted, leaves nothing",
    runs: [
      { program: () => void new Exclusive("a", { name: "a", zone: "x" }), steps: ["create a"] },
      {
        program: () => void new Exclusive("a", { name: "a", zone: "y", fail: "create" }),
        steps: ["delete-replaced a", "replace a"],
        fails: /creating a failed/,
      },
      { program: () => {}, steps: ["remove-pending-replace a"], log: [] },
    ],
  },
  {
    name: "a thing deleted after its replacement failed to be deleted is deleted by the next run",
    runs: [
      { program: () => void new Thing("a", { zone: "x", fail: "delete" }), steps: ["create a"] },
      {
        program: () => void new Thing("a", { zone: "y" }),
        steps: ["create-replacement a", "replace a"],
        fails: /deleting a-\w+ failed/,
      },
      {
        program: () => void new Thing("a", { zone: "y" }),
        steps: ["same a"],
        fails: /deleting a-\w+ failed/,
      },
    ],
  },
];

function pair(zone: string) {
  return () => {
    const a = new Thing("a", { zone });
    new Thing("b", { name: "b", value: a.arn });
  };
}

/** `b` takes what cannot change from `a`, `c` what can. */
function chain(zone: string) {
  return () => {
    const a = new Exclusive("a", { name: "a", zone });
    new Thing("b", { name: "b", zone: a.arn });
    new Thing("c", { name: "c", value: a.arn });
  };
}
