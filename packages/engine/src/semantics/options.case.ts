import * as pulumi from "@pulumi/pulumi";
import { Exclusive, Group, TestProvider, Thing, type ThingArgs } from "../testing/things.ts";
import type { Case } from "./case.ts";

const URN = "urn:pulumi:test::shop::test:index:Thing::";
const thing = (args: ThingArgs, opts?: pulumi.CustomResourceOptions) => () => void new Thing("a", args, opts);

export const options: readonly Case[] = [
  {
    name: "protect refuses a deletion",
    runs: [
      { program: thing({}, { protect: true }), steps: ["create a"] },
      { program: () => {}, steps: [], fails: /cannot be deleted, for it is protected/ },
      { do: "destroy", steps: [], fails: /cannot be deleted, for it is protected/ },
    ],
  },
  {
    name: "protect refuses a replacement",
    runs: [
      { program: thing({ zone: "x" }, { protect: true }), steps: ["create a"] },
      {
        program: thing({ zone: "y" }, { protect: true }),
        steps: [],
        fails: /cannot be replaced, for it is protected/,
      },
    ],
  },
  {
    name: "protect given up lets go in one run",
    runs: [
      { program: thing({ zone: "x" }, { protect: true }), steps: ["create a"] },
      { program: thing({ zone: "y" }), steps: ["create-replacement a", "replace a", "delete-replaced a"] },
    ],
  },
  {
    name: "protect allows updates",
    runs: [
      { program: thing({ value: 1 }, { protect: true }), steps: ["create a"] },
      { program: thing({ value: 2 }, { protect: true }), steps: ["update a"] },
    ],
  },
  {
    name: "children inherit protection from their parent",
    runs: [
      {
        program: () => void new Thing("a", {}, { parent: new Group("g", { protect: true }) }),
        steps: ["create g", "create a"],
      },
      { do: "destroy", steps: [], fails: /protected/ },
    ],
  },
  {
    name: "retainOnDelete lets go without deleting",
    runs: [
      { program: thing({ name: "a" }, { retainOnDelete: true }), steps: ["create a"] },
      { program: () => {}, steps: ["delete a"], log: [] },
    ],
  },
  {
    name: "retainOnDelete keeps what was replaced",
    runs: [
      { program: thing({ zone: "x" }, { retainOnDelete: true }), steps: ["create a"] },
      {
        program: thing({ zone: "y" }, { retainOnDelete: true }),
        steps: ["create-replacement a", "replace a", "delete-replaced a"],
      },
    ],
  },
  {
    name: "deletedWith spares the call when the other goes, too",
    runs: [
      {
        program: () => void new Thing("b", { name: "b" }, { deletedWith: new Thing("a", { name: "a" }) }),
        steps: ["create a", "create b"],
      },
      { do: "destroy", steps: ["delete b", "delete a"], ordered: true, log: ["delete a"] },
    ],
  },
  {
    name: "deletedWith calls when the other stays",
    runs: [
      {
        program: () => void new Thing("b", { name: "b" }, { deletedWith: new Thing("a", { name: "a" }) }),
        steps: ["create a", "create b"],
      },
      { program: thing({ name: "a" }), steps: ["same a", "delete b"], log: ["delete b"] },
    ],
  },
  {
    name: "ignoreChanges keeps the old value",
    runs: [
      { program: thing({ value: 1 }), steps: ["create a"] },
      { program: thing({ value: 2 }, { ignoreChanges: ["value"] }), steps: ["same a"] },
    ],
  },
  {
    name: "ignoreChanges reaches into nested values",
    runs: [
      { program: thing({ value: { a: 1, b: 1, list: [1, 2] } }), steps: ["create a"] },
      {
        program: thing(
          { value: { a: 2, b: 1, list: [1, 3] } },
          { ignoreChanges: ["value.a", "value.list[1]"] },
        ),
        steps: ["same a"],
      },
      {
        program: thing(
          { value: { a: 2, b: 2, list: [1, 3] } },
          { ignoreChanges: ["value.a", "value.list[*]"] },
        ),
        steps: ["update a"],
      },
    ],
  },
  {
    name: "ignoreChanges does not apply to a creation",
    runs: [
      {
        program: () => ({ value: new Thing("a", { value: 1 }, { ignoreChanges: ["value"] }).value }),
        steps: ["create a"],
        outputs: { value: 1 },
      },
    ],
  },
  {
    name: "replaceOnChanges makes an update a replacement",
    runs: [
      { program: thing({ value: { x: 1, y: 1 } }), steps: ["create a"] },
      { program: thing({ value: { x: 1, y: 2 } }, { replaceOnChanges: ["value.x"] }), steps: ["update a"] },
      {
        program: thing({ value: { x: 2, y: 2 } }, { replaceOnChanges: ["value.x"] }),
        steps: ["create-replacement a", "replace a", "delete-replaced a"],
      },
    ],
  },
  {
    name: "replaceOnChanges with * takes any change",
    runs: [
      { program: thing({ value: 1 }), steps: ["create a"] },
      {
        program: thing({ value: 2 }, { replaceOnChanges: ["*"] }),
        steps: ["create-replacement a", "replace a", "delete-replaced a"],
      },
    ],
  },
  {
    name: "a new replacementTrigger replaces",
    runs: [
      { program: thing({}, { replacementTrigger: "1" }), steps: ["create a"] },
      { program: thing({}, { replacementTrigger: "1" }), steps: ["same a"] },
      {
        program: thing({}, { replacementTrigger: "2" }),
        steps: ["create-replacement a", "replace a", "delete-replaced a"],
      },
    ],
  },
  {
    name: "a first replacementTrigger does not replace",
    runs: [
      { program: thing({}), steps: ["create a"] },
      { program: thing({}, { replacementTrigger: { any: "value" } }), steps: ["same a"] },
    ],
  },
  {
    name: "replaceWith follows a replacement",
    runs: [
      { program: together("x"), steps: ["create a", "create b"] },
      {
        program: together("y"),
        steps: [
          "create-replacement a",
          "replace a",
          "create-replacement b",
          "replace b",
          "delete-replaced b",
          "delete-replaced a",
        ],
      },
    ],
  },
  {
    name: "an alias by name keeps the resource",
    runs: [
      { program: () => void new Thing("old", { name: "x" }), steps: ["create old"] },
      {
        program: () => void new Thing("new", { name: "x" }, { aliases: [{ name: "old" }] }),
        steps: ["same new"],
        log: [],
      },
      { program: () => void new Thing("new", { name: "x" }), steps: ["same new"] },
    ],
  },
  {
    name: "an alias by URN keeps the resource, and it may change at once",
    runs: [
      { program: () => void new Thing("old", { name: "x" }), steps: ["create old"] },
      {
        program: () => void new Thing("new", { name: "x", value: 1 }, { aliases: [`${URN}old`] }),
        steps: ["update new"],
        log: ["update x"],
      },
    ],
  },
  {
    name: "an alias for a former parent keeps the child",
    runs: [
      { program: () => void new Thing("a", { name: "x" }), steps: ["create a"] },
      {
        program: () =>
          void new Thing(
            "a",
            { name: "x" },
            { parent: new Group("g"), aliases: [{ parent: pulumi.rootStackResource }] },
          ),
        steps: ["create g", "same a"],
      },
    ],
  },
  {
    name: "children follow an aliased parent",
    runs: [
      {
        program: () => void new Thing("old-a", { name: "x" }, { parent: new Group("old") }),
        steps: ["create old", "create old-a"],
      },
      {
        program: () =>
          void new Thing(
            "new-a",
            { name: "x" },
            { parent: new Group("new", { aliases: [{ name: "old" }] }) },
          ),
        steps: ["same new", "same new-a"],
      },
    ],
  },
  {
    name: "an alias by type keeps the resource",
    runs: [
      { program: () => void new Exclusive("a", { name: "x" }), steps: ["create a"] },
      {
        program: () => void new Thing("a", { name: "x" }, { aliases: [{ type: "test:index:Exclusive" }] }),
        steps: ["same a"],
      },
    ],
  },
  {
    name: "an import takes over what exists",
    runs: [
      {
        before: (provider) =>
          provider.things.set("x", {
            type: "test:index:Thing",
            properties: { name: "x", value: 1, arn: "arn:x", size: 1 },
          }),
        program: () => ({ arn: new Thing("a", { name: "x", value: 1 }, { import: "x" }).arn }),
        steps: ["import a"],
        outputs: { arn: "arn:x" },
        log: [],
      },
      { program: () => void new Thing("a", { name: "x", value: 1 }, { import: "x" }), steps: ["same a"] },
      { program: () => void new Thing("a", { name: "x", value: 2 }), steps: ["update a"] },
      { do: "destroy", steps: ["delete a"], log: ["delete x"] },
    ],
  },
  {
    name: "an import is then brought to what the program says",
    runs: [
      {
        before: (provider) =>
          provider.things.set("x", { type: "test:index:Thing", properties: { name: "x", value: 1 } }),
        program: () => void new Thing("a", { name: "x", value: 2 }, { import: "x" }),
        steps: ["import a", "update a"],
        ordered: true,
        log: ["update x"],
      },
    ],
  },
  {
    name: "an import that would have to be replaced is refused",
    runs: [
      {
        before: (provider) =>
          provider.things.set("x", { type: "test:index:Thing", properties: { name: "x", zone: "north" } }),
        program: () => void new Thing("a", { name: "x", zone: "south" }, { import: "x" }),
        steps: ["import a"],
        fails: /would have to be replaced .*\(zone\)/,
        log: [],
      },
    ],
  },
  {
    name: "an import of nothing is refused",
    runs: [
      {
        program: () => void new Thing("a", {}, { import: "nowhere" }),
        steps: [],
        fails: /no test:index:Thing with the id "nowhere"/,
      },
    ],
  },
  {
    name: "an explicit provider is used",
    runs: [
      {
        program: async () => {
          const provider = new TestProvider("p", { region: "mars" });
          new Thing("a", {}, { provider });
          return pulumi.runtime.invoke("test:index:echo", { say: "hi" }, { provider });
        },
        steps: ["create a"],
        outputs: { say: "hi", region: "mars" },
      },
    ],
  },
  {
    name: "another explicit provider is as good",
    runs: [
      { program: () => void new Thing("a", {}, { provider: new TestProvider("p") }), steps: ["create a"] },
      { program: () => void new Thing("a", {}, { provider: new TestProvider("q") }), steps: ["same a"] },
    ],
  },
  {
    name: "another explicit provider for another account replaces",
    runs: [
      {
        program: () => void new Thing("a", {}, { provider: new TestProvider("p", { account: "x" }) }),
        steps: ["create a"],
      },
      {
        program: () => void new Thing("a", {}, { provider: new TestProvider("q", { account: "y" }) }),
        steps: ["create-replacement a", "replace a", "delete-replaced a"],
      },
    ],
  },
  {
    name: "an explicit provider that moves to another account takes its resources along",
    runs: [
      {
        program: () => void new Thing("a", {}, { provider: new TestProvider("p", { account: "x" }) }),
        steps: ["create a"],
      },
      {
        program: () => void new Thing("a", {}, { provider: new TestProvider("p", { account: "y" }) }),
        steps: ["create-replacement a", "replace a", "delete-replaced a"],
      },
    ],
  },
  {
    name: "a changed configuration of an explicit provider touches nothing else",
    runs: [
      {
        program: () => void new Thing("a", {}, { provider: new TestProvider("p", { region: "x" }) }),
        steps: ["create a"],
      },
      {
        program: () => void new Thing("a", {}, { provider: new TestProvider("p", { region: "y" }) }),
        steps: ["same a"],
      },
    ],
  },
  {
    name: "children use their component's provider",
    runs: [
      {
        program: () => {
          const provider = new TestProvider("p", { region: "mars" });
          const group = new Group("g", { providers: { test: provider } });
          const a = new Thing("a", {}, { parent: group });
          return {
            same: pulumi
              .all([provider.urn, (a as unknown as { __prov: TestProvider }).__prov.urn])
              .apply(([x, y]) => x === y),
          };
        },
        steps: ["create g", "create a"],
        outputs: { same: true },
      },
    ],
  },
  {
    name: "additionalSecretOutputs makes an output secret",
    runs: [
      {
        program: () => ({ arn: new Thing("a", { name: "a" }, { additionalSecretOutputs: ["arn"] }).arn }),
        steps: ["create a"],
        outputs: { arn: "arn:test:Thing:a" },
        secretOutputs: ["arn"],
      },
    ],
  },
  {
    name: "customTimeouts are held",
    runs: [
      {
        program: thing({ name: "a" }, { customTimeouts: { create: "5m", update: "1h30m", delete: "10s" } }),
        steps: ["create a"],
      },
    ],
  },
  {
    name: "customTimeouts that are no durations are refused",
    runs: [
      {
        program: thing({}, { customTimeouts: { create: "soon" } }),
        steps: [],
        fails: /"soon" is not a duration/,
      },
    ],
  },
  {
    name: "a target is updated, the rest stays",
    runs: [
      { program: two(1), steps: ["create a", "create b"] },
      { program: two(2), with: { targets: [`${URN}a`] }, steps: ["update a", "same b"], log: ["update a"] },
    ],
  },
  {
    name: "what is not a target is not created",
    runs: [
      { program: two(1), with: { targets: [`${URN}a`] }, steps: ["create a", "same b"], log: ["create a"] },
      { program: two(1), steps: ["same a", "create b"] },
    ],
  },
  {
    name: "targets take wildcards",
    runs: [
      { program: two(1), with: { targets: ["**::Thing*::a", "**:Thing::b"] }, steps: ["same a", "create b"] },
    ],
  },
  {
    name: "a target that needs what does not exist is refused",
    runs: [
      {
        program: () => void new Thing("b", { value: new Thing("a", {}).arn }),
        with: { targets: [`${URN}b`] },
        steps: ["same a"],
        fails: /needs .*::a, which does not exist yet and is not among the targets/,
      },
    ],
  },
  {
    name: "an excluded resource stays as it is",
    runs: [
      { program: two(1), steps: ["create a", "create b"] },
      { program: two(2), with: { excludes: [`${URN}a`] }, steps: ["same a", "update b"] },
    ],
  },
  {
    name: "destroy with a target deletes just that",
    runs: [
      { program: two(1), steps: ["create a", "create b"] },
      { do: "destroy", with: { targets: [`${URN}a`] }, steps: ["delete a", "same b"], log: ["delete a"] },
    ],
  },
  {
    name: "destroy of a target that others need is refused",
    runs: [
      { program: linked, steps: ["create a", "create b"] },
      {
        do: "destroy",
        with: { targets: [`${URN}a`] },
        steps: [],
        fails: /depends on .*::a, which is to be deleted/,
      },
      {
        do: "destroy",
        with: { targets: [`${URN}a`], targetDependents: true },
        steps: ["delete b", "delete a"],
        ordered: true,
      },
    ],
  },
  {
    name: "destroy with an exclude keeps that, and what it needs",
    runs: [
      { program: linked, steps: ["create a", "create b"] },
      {
        program: linked,
        do: "destroy",
        with: { excludes: [`${URN}b`] },
        steps: ["same a", "same b"],
        log: [],
      },
      { program: linked, do: "destroy", with: { excludes: [`${URN}a`] }, steps: ["same a", "delete b"] },
    ],
  },
  {
    name: "a replacement can be asked for",
    runs: [
      { program: linked, steps: ["create a", "create b"] },
      {
        program: linked,
        with: { replace: [`${URN}a`] },
        steps: ["create-replacement a", "replace a", "delete-replaced a", "update b"],
      },
    ],
  },
];

function two(value: number) {
  return () => {
    new Thing("a", { name: "a", value });
    new Thing("b", { name: "b", value });
  };
}

function linked() {
  new Thing("b", { value: new Thing("a", {}).arn });
}

function together(zone: string) {
  return () => {
    const a = new Thing("a", { zone });
    new Thing("b", {}, { replaceWith: [a] });
  };
}
