/** Dynamic providers: the program's own functions, serialised by the SDK into the input `__provider`. */

import type { Properties, PropertyValue, ResourceHandler } from "./provider.ts";
import { UNKNOWN } from "./provider.ts";
import type { Sdk } from "./sdk.ts";
import { changedPaths } from "./values/compare.ts";
import { plainProperties } from "./values/plain.ts";

const CODE = "__provider";

interface DynamicProvider {
  check?(
    olds: Properties,
    news: Properties,
  ): Promise<{ inputs?: Properties; failures?: { property: string; reason: string }[] }>;
  diff?(
    id: string,
    olds: Properties,
    news: Properties,
  ): Promise<{ changes?: boolean; replaces?: string[]; deleteBeforeReplace?: boolean }>;
  create(inputs: Properties): Promise<{ id: string; outs?: Properties }>;
  read?(id: string, outputs: Properties): Promise<{ id?: string; props?: Properties }>;
  update?(id: string, olds: Properties, news: Properties): Promise<{ outs?: Properties }>;
  delete?(id: string, outputs: Properties): Promise<void>;
}

const handlers = new WeakMap<Sdk, ResourceHandler>();

export function dynamicHandler(sdk: Sdk): ResourceHandler {
  let handler = handlers.get(sdk);
  if (!handler) {
    handler = createDynamicHandler(sdk);
    handlers.set(sdk, handler);
  }
  return handler;
}

function createDynamicHandler(sdk: Sdk): ResourceHandler {
  const providers = new Map<string, DynamicProvider>();

  function load(code: PropertyValue | undefined): DynamicProvider {
    if (typeof code !== "string" || code === UNKNOWN)
      throw new Error("this dynamic resource carries no provider");
    let provider = providers.get(code);
    if (!provider) {
      const evaluate = sdk.require("require-from-string") as (code: string) => { handler(): DynamicProvider };
      provider = evaluate(code).handler();
      providers.set(code, provider);
    }
    return provider;
  }

  function withCode(properties: unknown, code: PropertyValue | undefined): Properties {
    return { ...plainProperties(properties ?? {}, "the dynamic provider's answer"), [CODE]: code ?? null };
  }

  return {
    async check(_context, olds, news) {
      const code = news[CODE] === UNKNOWN ? olds?.[CODE] : news[CODE];
      const provider = load(code);
      if (!provider.check) return { inputs: news };
      const answer = await provider.check(olds ?? {}, news);
      return { inputs: withCode(answer?.inputs ?? news, news[CODE]), failures: answer?.failures ?? [] };
    },
    async diff(_context, id, oldInputs, oldOutputs, newInputs) {
      const keys = changedPaths(oldInputs, newInputs);
      const visible = keys.filter((key) => key !== CODE);
      const provider = load(newInputs[CODE]);
      if (!provider.diff) return { changes: keys.length > 0, keys: visible };
      const answer = await provider.diff(id, oldOutputs, newInputs);
      const replaces = answer?.replaces ?? [];
      return {
        changes: (answer?.changes ?? visible.length > 0) || replaces.length > 0,
        replaces,
        deleteBeforeReplace: answer?.deleteBeforeReplace ?? false,
        keys: visible,
      };
    },
    async create(_context, inputs) {
      const answer = await load(inputs[CODE]).create(inputs);
      return { id: answer.id, outputs: withCode(answer.outs, inputs[CODE]) };
    },
    async read(_context, id, inputs, outputs) {
      const provider = load(outputs[CODE] ?? inputs[CODE]);
      if (!provider.read) return { id, inputs, outputs };
      const answer = await provider.read(id, outputs);
      if (answer?.id === undefined || answer.id === "") return {};
      return { id: answer.id, inputs, outputs: withCode(answer.props ?? outputs, outputs[CODE]) };
    },
    async update(_context, id, _oldInputs, oldOutputs, newInputs) {
      const answer = await load(newInputs[CODE]).update?.(id, oldOutputs, newInputs);
      return { outputs: withCode(answer?.outs, newInputs[CODE]) };
    },
    async delete(_context, id, _inputs, outputs) {
      await load(outputs[CODE]).delete?.(id, outputs);
    },
  };
}
