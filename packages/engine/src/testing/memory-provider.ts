/** A provider whose resources live in a map: what the engine's tests run against. */

import { createHash } from "node:crypto";
import {
  OutcomeUnknownError,
  type Properties,
  type Provider,
  type ResourceHandler,
  UNKNOWN,
} from "../provider.ts";

export interface MemoryProvider extends Provider {
  /** What exists, by id. */
  readonly things: Map<string, { type: string; properties: Properties }>;
  /** What was done, in order: `create test:index:Thing a-1f2e3d4`. */
  readonly log: string[];
}

/** How often each kind of thing asks for a replacement, and so on, follows from its type. */
const REPLACE_ON: Record<string, readonly string[]> = {
  "test:index:Thing": ["name", "zone"],
  "test:index:Exclusive": ["name", "zone"],
};

export function memoryProvider(things: MemoryProvider["things"] = new Map()): MemoryProvider {
  const log: string[] = [];

  function outputsOf(type: string, id: string, inputs: Properties): Properties {
    return {
      ...inputs,
      arn: `arn:test:${type.split(":")[2]}:${id}`,
      size: JSON.stringify(inputs.value ?? null).length,
    };
  }

  function handler(type: string): ResourceHandler {
    return {
      replaceOn: REPLACE_ON[type] ?? [],
      deleteBeforeReplace: type === "test:index:Exclusive",
      check(context, olds, news) {
        const failures =
          news.value === "invalid" ? [{ property: "value", reason: `"invalid" is not allowed` }] : [];
        const seed = createHash("sha256").update(context.randomSeed).digest("hex").slice(0, 7);
        const name = news.name ?? olds?.name ?? `${context.name}-${seed}`;
        return { inputs: { ...news, name }, failures };
      },
      create(_context, inputs) {
        const id = String(inputs.name);
        if (inputs.fail === "create") throw new Error(`creating ${id} failed, as asked`);
        if (things.has(id)) throw new Error(`${id} exists already`);
        const properties = outputsOf(type, id, inputs);
        things.set(id, { type, properties });
        log.push(`create ${id}`);
        if (inputs.fail === "answer")
          throw new OutcomeUnknownError(`the connection broke while creating ${id}`);
        return { id, outputs: properties };
      },
      read(_context, id, inputs) {
        const thing = things.get(id);
        if (!thing) return {};
        const { arn: _arn, size: _size, ...actual } = thing.properties;
        return { id, inputs: { ...inputs, ...actual }, outputs: thing.properties };
      },
      update(_context, id, _oldInputs, _oldOutputs, newInputs) {
        if (newInputs.fail === "update") throw new Error(`updating ${id} failed, as asked`);
        if (!things.has(id)) throw new Error(`${id} does not exist`);
        const properties = outputsOf(type, id, newInputs);
        things.set(id, { type, properties });
        log.push(`update ${id}`);
        return { outputs: properties };
      },
      delete(_context, id, inputs) {
        if (inputs.fail === "delete") throw new Error(`deleting ${id} failed, as asked`);
        things.delete(id);
        log.push(`delete ${id}`);
      },
      recover(_context, inputs) {
        const id = String(inputs.name);
        const thing = things.get(id);
        return thing && { id, outputs: thing.properties };
      },
      preview(_context, inputs) {
        return typeof inputs.name === "string" && inputs.name !== UNKNOWN
          ? { arn: `arn:test:${type.split(":")[2]}:${inputs.name}`, size: UNKNOWN }
          : { arn: UNKNOWN, size: UNKNOWN };
      },
    };
  }

  const handlers = new Map<string, ResourceHandler>(
    ["test:index:Thing", "test:index:Exclusive"].map((type) => [type, handler(type)]),
  );
  return {
    name: "test",
    version: "1.0.0",
    things,
    log,
    resource: (type) => handlers.get(type),
    replaceOnConfig: ["account"],
    invoke(token, args, context) {
      if (token === "test:index:echo") return { ...args, region: context.config.region ?? null };
      if (token === "test:index:fail") throw new Error("this function always fails");
      throw new Error(`the provider "test" has no function ${token}`);
    },
  };
}
