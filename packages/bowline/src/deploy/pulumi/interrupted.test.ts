import type { DeploymentDocument, ResourceState } from "@bowline/engine";
import { expect, test } from "vitest";
import { settledState } from "./interrupted.ts";

type Deployment = DeploymentDocument["deployment"];

const resource = (name: string, more: Partial<ResourceState> = {}) =>
  ({
    urn: `urn:${name}`,
    type: "aws:s3/bucket:Bucket",
    custom: true,
    inputs: { bucket: name },
    ...more,
  }) as ResourceState;

const state = (
  resources: readonly ResourceState[],
  pending: readonly [type: "creating" | "updating" | "deleting", resource: ResourceState][],
) =>
  ({
    resources,
    pending_operations: pending.map(([type, of]) => ({ type, resource: of })),
  }) as unknown as Deployment;

const found = new Map([["urn:a", "a-new"]]);
const adopted = resource("a", { id: "a-new" });

const brief = ({ resources, pending_operations: pending }: Deployment) => ({
  resources: (resources ?? []).map((each) => {
    const marks = [each.delete ? "to delete" : "", "refreshBeforeUpdate" in each ? "to read" : ""];
    return [each.id, ...marks].filter(Boolean).join(", ");
  }),
  pending: pending?.length,
});

test.for([
  [
    "what was created becomes part of the state",
    state([], [["creating", resource("a")]]),
    ["a-new, to read"],
  ],
  ["what was not created does not", state([], [["creating", resource("b")]]), []],
  [
    "what it was to replace is to be deleted",
    state([resource("a", { id: "a-old" })], [["creating", resource("a")]]),
    ["a-old, to delete", "a-new, to read"],
  ],
  [
    "what was deleted for it is gone",
    state([resource("a", { id: "a-old", pendingReplacement: true })], [["creating", resource("a")]]),
    ["a-new, to read"],
  ],
  ["what is known already stays as it is", state([adopted], [["creating", resource("a")]]), ["a-new"]],
  [
    "what was updated or deleted is read again",
    state(
      [resource("a", { id: "1" }), resource("b", { id: "2" }), resource("c", { id: "3" })],
      [
        ["updating", resource("a", { id: "1" })],
        ["deleting", resource("c", { id: "3" })],
      ],
    ),
    ["1, to read", "2", "3, to read"],
  ],
] as const)("of what a killed run was at, %s", ([, before, resources]) => {
  expect(brief(settledState(before, found))).toEqual({ resources, pending: 0 });
});
