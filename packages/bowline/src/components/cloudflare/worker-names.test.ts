import { expect, test } from "vitest";
import { binding } from "../../link/binding.ts";
import { Link } from "../../link/link.ts";
import { checkNames } from "./worker-names.ts";

const store = (properties: Record<string, unknown> = {}) =>
  new Link({
    name: "Store",
    type: "test",
    properties,
    include: [
      binding({ type: "kvNamespaceBindings", properties: { namespaceId: "x" } }),
      binding({ type: "kvNamespaceBindings", as: "cache", properties: { namespaceId: "y" } }),
    ],
  });

test.each<[what: string, given: Parameters<typeof checkNames>, message: string]>([
  [
    "a link and a variable under one name",
    ["Api", [store()], { Store: "x" }, []],
    "Api: env.Store would be the link Store and a variable of its environment",
  ],
  [
    "a link and a binding of its own under one name",
    ["Api", [store()], {}, [{ name: "Store", type: "assets" }]],
    "Api: env.Store would be the link Store and a binding of the Worker's own",
  ],
  [
    "a property that would hide a method of its binding",
    ["Api", [store({ get: 1 })], {}, []],
    'the property "get" of the link Store would hide the method',
  ],
  [
    "a property and a binding of one name",
    ["Api", [store({ cache: 1 })], {}, []],
    'the link Store has a property and a binding called "cache"',
  ],
  ["a link's variable", ["Api", [], { SST_RESOURCE_X: "" }, []], "SST_RESOURCE_X cannot be a variable"],
  ["what is no name", ["Api", [], { "a-b": "" }, []], "a-b cannot be a variable"],
])("%s cannot be", (_what, given, message) => {
  expect(() => checkNames(...given)).toThrow(message);
});

test("links, variables and bindings of different names can", () => {
  expect(() =>
    checkNames("Api", [store({ id: "x" }), () => store()], { REGION: "north" }, [
      { name: "ASSETS", type: "assets" },
    ]),
  ).not.toThrow();
});
