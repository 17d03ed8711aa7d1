/** A provider that can be told to fail, and asked whether it is at work. */

import type { Provider, ResourceHandler } from "@bowline/engine";

export const FAULT = "a fault that was put here";

export interface Faults {
  readonly provider: Provider;
  /** The next that is asked for fails before it does anything, counted from here on; 0 for none. */
  failAt(operation: number): void;
  /** Resolves when nothing is in flight. */
  idle(): Promise<void>;
}

export function faulty(provider: Provider): Faults {
  let operations = 0;
  let doomed = 0;
  let busy = 0;
  const waiting: (() => void)[] = [];

  async function observed<T>(work: () => T | Promise<T>): Promise<T> {
    operations += 1;
    if (operations === doomed) throw new Error(FAULT);
    busy += 1;
    try {
      return await work();
    } finally {
      busy -= 1;
      if (busy === 0) for (const resolve of waiting.splice(0)) resolve();
    }
  }

  return {
    provider: { ...provider, resource: (type) => wrapped(provider.resource(type), observed) },
    failAt(operation) {
      doomed = operation === 0 ? 0 : operations + operation;
    },
    async idle() {
      if (busy > 0) await new Promise<void>((resolve) => waiting.push(resolve));
    },
  };
}

type Observe = <T>(work: () => T | Promise<T>) => Promise<T>;

function wrapped(handler: ResourceHandler | undefined, observed: Observe): ResourceHandler | undefined {
  if (!handler) return undefined;
  const { create, update, delete: remove } = handler;
  return {
    ...handler,
    create: (...args) => observed(() => create(...args)),
    ...(update ? { update: (...args) => observed(() => update(...args)) } : {}),
    ...(remove ? { delete: (...args) => observed(() => remove(...args)) } : {}),
  };
}
