/**
 * `@pulumi/pulumi` loads the TypeScript compiler and npm's arborist at start, for the sake of serialising closures,
 * which few programs do. Here they load when somebody first touches them: 300 ms and 100 MB less.
 */

import Module from "node:module";

const HEAVY = new Set(["typescript", "@npmcli/arborist"]);

type Load = (
  this: unknown,
  request: string,
  parent?: { filename?: string | null },
  isMain?: boolean,
) => unknown;

export function deferHeavyModules(): void {
  if (process.env.BOWLINE_STOCK_SDK) return;
  const internals = Module as unknown as { _load?: Load };
  const load = internals._load;
  // Not public API. Without it all works as before, only slower.
  if (typeof load !== "function") return;
  internals._load = function (request, parent, isMain) {
    const wanted = HEAVY.has(request) && /[\\/]@pulumi[\\/]pulumi[\\/]/.test(parent?.filename ?? "");
    if (!wanted) return load.call(this, request, parent, isMain);
    return lazily(() => load.call(this, request, parent, isMain) as object);
  };
}

function lazily(load: () => object): object {
  let module: Record<PropertyKey, unknown> | undefined;
  const get = () => {
    module ??= load() as Record<PropertyKey, unknown>;
    return module;
  };
  return new Proxy(
    {},
    {
      get(_target, key) {
        // Answered without loading: compiled code asks every module for it.
        if (key === "__esModule") return true;
        const loaded = get();
        return key === "default" && !("__esModule" in loaded) ? loaded : loaded[key];
      },
      has: (_target, key) => key in get(),
    },
  );
}
