import { collectLinks, type LinkItem } from "../../link/linkable.ts";
import type { TypedConsumer } from "../../types/input.ts";
import { AWS_ENV, needsAws } from "./aws-access.ts";
import { className } from "./durable-objects.ts";
import type { ScriptBinding } from "./script-binding.ts";
import type { WorkerArgs } from "./worker-args.ts";

/** The bindings that are the Worker's own, and no link's. */
export function ownBindings(args: WorkerArgs): ScriptBinding[] {
  return [
    ...Object.entries(args.durableObjects ?? {}).map(([name, of]) => ({
      name,
      type: "durable_object_namespace",
      className: className(of),
    })),
    ...(args.assets === undefined ? [] : [{ name: args.assets.binding ?? "ASSETS", type: "assets" }]),
  ];
}

/** What its `env` holds besides its links. */
export function envOf(
  consumer: string,
  args: WorkerArgs,
  link: readonly LinkItem[] | undefined,
): NonNullable<TypedConsumer["env"]> {
  const included = collectLinks(consumer, link).links.flatMap(({ include }) =>
    include.flatMap((item) => (item.kind === "environment" ? Object.keys(item.variables) : [])),
  );
  return {
    ...Object.fromEntries(included.map((name) => [name, { typescript: "string" }])),
    ...(needsAws(consumer, link)
      ? Object.fromEntries(Object.entries(AWS_ENV).map(([name, typescript]) => [name, { typescript }]))
      : {}),
    ...Object.fromEntries(
      Object.keys(args.environment ?? {}).map((name) => [name, { typescript: "string" }]),
    ),
    ...Object.fromEntries(
      Object.entries(args.durableObjects ?? {}).map(([name, of]) => [
        name,
        { typescript: "DurableObjectNamespace", of: { module: args.handler, name: className(of) } },
      ]),
    ),
    ...(args.assets === undefined ? {} : { [args.assets.binding ?? "ASSETS"]: { typescript: "Fetcher" } }),
  };
}
