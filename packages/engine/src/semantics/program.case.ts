import * as pulumi from "@pulumi/pulumi";
import { UNKNOWN } from "../provider.ts";
import { Group, Thing } from "../testing/things.ts";
import type { Case } from "./case.ts";

class Counter extends pulumi.dynamic.Resource {
  declare readonly total: pulumi.Output<number>;
  constructor(name: string, add: pulumi.Input<number>, opts?: pulumi.CustomResourceOptions) {
    const provider: pulumi.dynamic.ResourceProvider = {
      async create(inputs) {
        return { id: "counter", outs: { total: 10 + inputs.add } };
      },
      async update(_id, olds, news) {
        return { outs: { total: olds.total + news.add } };
      },
      async diff(_id, _olds, news) {
        return { changes: true, replaces: news.add > 100 ? ["add"] : [] };
      },
    };
    super(provider, name, { add, total: undefined }, opts);
  }
}

export const program: readonly Case[] = [
  {
    name: "outputs may be anything JSON holds",
    runs: [
      {
        program: () => ({ n: 1, s: "x", b: false, list: [1, [2]], o: { deep: { er: null } }, none: null }),
        steps: [],
        outputs: { n: 1, s: "x", b: false, list: [1, [2]], o: { deep: { er: null } }, none: null },
      },
    ],
  },
  {
    name: "an async program's outputs are awaited",
    runs: [
      {
        program: async () => {
          const a = new Thing("a", { name: "a" });
          return { arn: await new Promise((resolve) => a.arn.apply(resolve)) };
        },
        steps: ["create a"],
        outputs: { arn: "arn:test:Thing:a" },
      },
    ],
  },
  {
    name: "secret inputs make secret outputs",
    runs: [
      {
        program: () => {
          const a = new Thing("a", { name: "a", value: pulumi.secret("hidden") });
          return { value: a.value, derived: pulumi.interpolate`<${a.value}>`, arn: a.arn };
        },
        steps: ["create a"],
        outputs: { value: "hidden", derived: "<hidden>", arn: "arn:test:Thing:a" },
        secretOutputs: ["derived", "value"],
      },
    ],
  },
  {
    name: "a value that becomes secret is no change",
    runs: [
      { program: () => void new Thing("a", { value: "x" }), steps: ["create a"] },
      {
        program: () => ({ value: new Thing("a", { value: pulumi.secret("x") }).value }),
        steps: ["same a"],
        secretOutputs: ["value"],
      },
    ],
  },
  {
    name: "configuration reaches the program, secrets as secrets",
    config: { config: { "shop:size": "3", "shop:token": "t" }, secretConfig: ["shop:token"] },
    runs: [
      {
        program: () => {
          const config = new pulumi.Config("shop");
          return { size: config.requireNumber("size"), token: config.requireSecret("token") };
        },
        steps: [],
        outputs: { size: 3, token: "t" },
        secretOutputs: ["token"],
      },
    ],
  },
  {
    name: "configuration reaches the default provider",
    config: { config: { "test:region": "venus" } },
    runs: [
      {
        program: () => pulumi.runtime.invoke("test:index:echo", { a: 1 }),
        steps: [],
        outputs: { a: 1, region: "venus" },
      },
    ],
  },
  {
    name: "a function's failure fails the program",
    runs: [
      {
        program: () => pulumi.runtime.invoke("test:index:fail", {}),
        steps: [],
        fails: /this function always fails/,
      },
    ],
  },
  {
    name: "a function of nobody is an error",
    runs: [
      {
        program: () => pulumi.runtime.invoke("other:index:f", {}),
        steps: [],
        fails: /no provider for the function other:index:f/,
      },
    ],
  },
  {
    name: "an output function waits for its arguments",
    runs: [
      {
        program: () => {
          const a = new Thing("a", { name: "a" });
          return {
            echo: pulumi.runtime
              .invokeOutput<{ arn: string }>("test:index:echo", { arn: a.arn })
              .apply(({ arn }) => arn),
          };
        },
        steps: ["create a"],
        outputs: { echo: "arn:test:Thing:a" },
      },
    ],
  },
  {
    name: "get reads what exists, and leaves it alone",
    runs: [
      {
        before: (provider) =>
          provider.things.set("x", { type: "test:index:Thing", properties: { name: "x", arn: "arn:x" } }),
        program: () => ({ arn: Thing.get("a", "x").arn }),
        steps: ["read a"],
        outputs: { arn: "arn:x" },
      },
      { program: () => ({ arn: Thing.get("a", "x").arn }), steps: ["read a"] },
      { program: () => {}, steps: ["discard a"], log: [] },
    ],
  },
  {
    name: "get of nothing fails",
    runs: [
      {
        program: () => void Thing.get("a", "nowhere"),
        steps: ["read a"].slice(1),
        fails: /no test:index:Thing with the id "nowhere"/,
      },
    ],
  },
  {
    name: "transforms change inputs and options",
    runs: [
      {
        program: () => ({
          value: new Thing(
            "a",
            { value: 1 },
            {
              transforms: [
                ({ props, opts }) => ({ props: { ...props, value: 2 }, opts: { ...opts, protect: true } }),
              ],
            },
          ).value,
        }),
        steps: ["create a"],
        outputs: { value: 2 },
      },
      { do: "destroy", steps: [], fails: /protected/ },
    ],
  },
  {
    name: "a parent's transforms reach its children",
    runs: [
      {
        program: () => {
          const group = new Group("g", {
            transforms: [
              ({ type, props, opts }) =>
                type === "test:index:Thing" ? { props: { ...props, value: "transformed" }, opts } : undefined,
            ],
          });
          return { value: new Thing("a", { value: 1 }, { parent: group }).value };
        },
        steps: ["create g", "create a"],
        outputs: { value: "transformed" },
      },
    ],
  },
  {
    name: "stack transforms reach everything",
    runs: [
      {
        program: () => {
          pulumi.runtime.registerResourceTransform(({ type, props, opts }) =>
            type === "test:index:Thing" ? { props: { ...props, value: `${props.value}!` }, opts } : undefined,
          );
          return { value: new Thing("a", { value: "hey" }).value };
        },
        steps: ["create a"],
        outputs: { value: "hey!" },
      },
    ],
  },
  {
    name: "a failing transform fails its resource",
    runs: [
      {
        program: () => {
          new Thing(
            "a",
            {},
            {
              transforms: [
                () => {
                  throw new Error("no such luck");
                },
              ],
            },
          );
          new Thing("b", {});
        },
        steps: ["create b"],
        fails: /transform failed: Error: no such luck/,
      },
    ],
  },
  {
    name: "invoke transforms change arguments",
    runs: [
      {
        program: () => {
          pulumi.runtime.registerInvokeTransform(({ args, opts }) => ({
            args: { ...args, added: true },
            opts,
          }));
          return pulumi.runtime.invoke("test:index:echo", { a: 1 });
        },
        steps: [],
        outputs: { a: 1, added: true, region: null },
      },
    ],
  },
  {
    name: "hooks run before and after a creation",
    runs: [
      {
        program: async () => {
          const calls: string[] = [];
          const hooks = {
            beforeCreate: [
              new pulumi.ResourceHook("before", (args) => void calls.push(`before ${args.name}`)),
            ],
            afterCreate: [
              new pulumi.ResourceHook(
                "after",
                (args) => void calls.push(`after ${(args.newOutputs as { arn: string }).arn}`),
              ),
            ],
          };
          const a = new Thing("a", { name: "a" }, { hooks });
          await new Promise((resolve) => a.arn.apply(resolve));
          return { calls };
        },
        steps: ["create a"],
        outputs: { calls: ["before a", "after arn:test:Thing:a"] },
      },
    ],
  },
  {
    name: "a failing hook before an operation stops it",
    runs: [
      {
        program: () =>
          void new Thing(
            "a",
            { name: "a" },
            {
              hooks: {
                beforeCreate: [
                  new pulumi.ResourceHook("guard", () => {
                    throw new Error("not today");
                  }),
                ],
              },
            },
          ),
        steps: [],
        fails: /BeforeCreate hook "guard" failed: not today/,
        log: [],
      },
    ],
  },
  {
    name: "a failing hook after an operation fails the run, and what was done is done",
    runs: [
      {
        program: () =>
          void new Thing(
            "a",
            { name: "a" },
            {
              hooks: {
                afterCreate: [
                  new pulumi.ResourceHook("guard", () => {
                    throw new Error("too late");
                  }),
                ],
              },
            },
          ),
        steps: [],
        fails: /AfterCreate hook "guard" failed: too late/,
        log: ["create a"],
      },
      { program: () => void new Thing("a", { name: "a" }), steps: ["same a"], log: [] },
    ],
  },
  {
    name: "hooks run around an update, and see old and new",
    runs: [
      { program: () => void new Thing("a", { value: 1 }), steps: ["create a"] },
      {
        program: async () => {
          const seen: unknown[] = [];
          const look = (args: pulumi.ResourceHookArgs) =>
            void seen.push([
              (args.oldInputs as { value: number }).value,
              (args.newInputs as { value: number }).value,
            ]);
          const hooks = {
            beforeUpdate: [new pulumi.ResourceHook("b", look)],
            afterUpdate: [new pulumi.ResourceHook("a", look)],
          };
          const a = new Thing("a", { value: 2 }, { hooks });
          await new Promise((resolve) => a.arn.apply(resolve));
          return { seen };
        },
        steps: ["update a"],
        outputs: {
          seen: [
            [1, 2],
            [1, 2],
          ],
        },
      },
    ],
  },
  {
    name: "hooks run around a deletion",
    runs: [
      {
        program: () => {
          const refuse = new pulumi.ResourceHook("refuse", () => {
            throw new Error("keep it");
          });
          new Thing("a", { name: "a" }, { hooks: { beforeDelete: [refuse] } });
        },
        steps: ["create a"],
      },
      {
        program: () =>
          void new pulumi.ResourceHook("refuse", () => {
            throw new Error("keep it");
          }),
        steps: [],
        fails: /BeforeDelete hook "refuse" failed: keep it/,
        log: [],
      },
    ],
  },
  {
    name: "a deletion whose hook is gone is refused",
    runs: [
      {
        program: () =>
          void new Thing("a", {}, { hooks: { beforeDelete: [new pulumi.ResourceHook("refuse", () => {})] } }),
        steps: ["create a"],
      },
      { do: "destroy", steps: [], fails: /BeforeDelete hook "refuse" is not there/ },
    ],
  },
  {
    name: "an error hook tries again",
    runs: [
      {
        program: () => {
          let attempts = 0;
          const again = new pulumi.ErrorHook("again", () => ++attempts < 3);
          new Thing("a", { name: "a", fail: "create" }, { hooks: { onError: [again] } });
        },
        steps: [],
        fails: /creating a failed/,
      },
    ],
  },
  {
    name: "a reference to a stack reads its outputs",
    config: {
      stackReference: (name) =>
        name === "other" ? { outputs: { url: "http://x", key: "k" }, secretOutputs: ["key"] } : undefined,
    },
    runs: [
      {
        program: () => {
          const other = new pulumi.StackReference("other");
          return { url: other.getOutput("url"), key: other.getOutput("key") };
        },
        steps: ["read other"],
        outputs: { url: "http://x", key: "k" },
        secretOutputs: ["key"],
      },
    ],
  },
  {
    name: "a reference to no stack fails",
    config: { stackReference: () => undefined },
    runs: [
      {
        program: () => void new pulumi.StackReference("nowhere"),
        steps: [],
        fails: /there is no stack "nowhere"/,
      },
    ],
  },
  {
    name: "dynamic providers are created, updated, replaced",
    runs: [
      { program: () => ({ total: new Counter("c", 1).total }), steps: ["create c"], outputs: { total: 11 } },
      { program: () => ({ total: new Counter("c", 2).total }), steps: ["update c"], outputs: { total: 13 } },
      {
        program: () => ({ total: new Counter("c", 200).total }),
        steps: ["create-replacement c", "replace c", "delete-replaced c"],
        outputs: { total: 210 },
      },
    ],
  },
  {
    name: "assets change with their content",
    runs: [
      {
        program: () => void new Thing("a", { value: new pulumi.asset.StringAsset("one") }),
        steps: ["create a"],
      },
      {
        program: () => void new Thing("a", { value: new pulumi.asset.StringAsset("one") }),
        steps: ["same a"],
      },
      {
        program: () => void new Thing("a", { value: new pulumi.asset.StringAsset("two") }),
        steps: ["update a"],
      },
    ],
  },
  {
    name: "archives change with their content",
    runs: [
      {
        program: () =>
          void new Thing("a", {
            value: new pulumi.asset.AssetArchive({ "x.js": new pulumi.asset.StringAsset("1") }),
          }),
        steps: ["create a"],
      },
      {
        program: () =>
          void new Thing("a", {
            value: new pulumi.asset.AssetArchive({ "x.js": new pulumi.asset.StringAsset("1") }),
          }),
        steps: ["same a"],
      },
      {
        program: () =>
          void new Thing("a", {
            value: new pulumi.asset.AssetArchive({ "y.js": new pulumi.asset.StringAsset("1") }),
          }),
        steps: ["update a"],
      },
    ],
  },
  {
    name: "an asset that is not there is an error",
    runs: [
      {
        program: () => void new Thing("a", { value: new pulumi.asset.FileAsset("nowhere.txt") }),
        steps: [],
        fails: /nowhere\.txt cannot be read/,
      },
    ],
  },
  {
    name: "a resource as an input is its id",
    runs: [
      {
        program: () => {
          const a = new Thing("a", { name: "a" });
          return { value: new Thing("b", { value: { ref: a } }).value };
        },
        steps: ["create a", "create b"],
        outputs: { value: { ref: "a" } },
      },
    ],
  },
  {
    name: "a preview of a creation knows what it can",
    runs: [
      {
        do: "preview",
        program: () => {
          const a = new Thing("a", { name: "a", value: 1 });
          return { id: a.id, arn: a.arn, size: a.size, value: a.value };
        },
        steps: ["create a"],
        outputs: { id: UNKNOWN, arn: "arn:test:Thing:a", size: UNKNOWN, value: 1 },
        log: [],
      },
    ],
  },
  {
    name: "a preview of unknown inputs goes on",
    runs: [
      {
        do: "preview",
        program: () => {
          const a = new Thing("a", { name: "a" });
          const b = new Thing("b", { name: a.size.apply(String), value: a.id });
          return { arn: b.arn };
        },
        steps: ["create a", "create b"],
        outputs: { arn: UNKNOWN },
      },
    ],
  },
  {
    name: "previews of update, replacement and deletion change nothing",
    runs: [
      { program: three(1, "x"), steps: ["create a", "create b", "create c"] },
      {
        do: "preview",
        program: () => {
          new Thing("a", { name: "a", value: 2 });
          new Thing("b", { value: 1, zone: "y" });
        },
        steps: ["update a", "create-replacement b", "replace b", "delete-replaced b", "delete c"],
        log: [],
      },
      { program: three(1, "x"), steps: ["same a", "same b", "same c"] },
    ],
  },
  {
    name: "a preview of a replacement makes dependents' values unknown",
    runs: [
      { program: dependent("x"), steps: ["create a", "create b"] },
      {
        do: "preview",
        program: dependent("y"),
        steps: ["create-replacement a", "replace a", "update b", "delete-replaced a"],
      },
    ],
  },
  {
    name: "functions with unknown arguments are not called in a preview",
    runs: [
      {
        do: "preview",
        program: () => {
          const a = new Thing("a", {});
          return { echo: pulumi.runtime.invokeOutput("test:index:echo", { id: a.id }) };
        },
        steps: ["create a"],
        outputs: { echo: UNKNOWN },
      },
    ],
  },
  {
    name: "refresh takes over what changed outside",
    runs: [
      { program: () => void new Thing("a", { name: "a", value: 1 }), steps: ["create a"] },
      {
        do: "refresh",
        before: (provider) =>
          void provider.things.set("a", {
            type: "test:index:Thing",
            properties: { name: "a", value: 9, arn: "arn:a", size: 1 },
          }),
        steps: ["update a"],
        log: [],
      },
      { program: () => void new Thing("a", { name: "a", value: 1 }), steps: ["update a"], log: ["update a"] },
    ],
  },
  {
    name: "refresh drops what is gone, and it is created again",
    runs: [
      { program: () => void new Thing("a", { name: "a" }), steps: ["create a"] },
      { do: "refresh", before: (provider) => void provider.things.delete("a"), steps: ["delete a"], log: [] },
      { program: () => void new Thing("a", { name: "a" }), steps: ["create a"] },
    ],
  },
  {
    name: "refresh of what is unchanged changes nothing",
    runs: [
      { program: () => void new Thing("a", { name: "a" }), steps: ["create a"] },
      { do: "refresh", steps: ["same a"], log: [] },
    ],
  },
  {
    name: "logs of the program are told",
    runs: [{ program: () => void pulumi.log.warn("mind the gap"), steps: [], says: /mind the gap/ }],
  },
  {
    name: "an error logged by the program fails the run",
    runs: [{ program: () => void pulumi.log.error("it is broken"), steps: [], fails: /it is broken/ }],
  },
];

function three(value: number, zone: string) {
  return () => {
    new Thing("a", { name: "a", value });
    new Thing("b", { value, zone });
    new Thing("c", { name: "c" });
  };
}

function dependent(zone: string) {
  return () => {
    const a = new Thing("a", { zone });
    new Thing("b", { name: "b", value: a.size });
  };
}
