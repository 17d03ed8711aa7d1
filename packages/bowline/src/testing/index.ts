/**
 * Links for tests.
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { globals } from "../resource/environment.ts";
import { readLinks } from "../resource/links.ts";

/** Links by name, as a test states them. */
export type TestLinks = Readonly<Record<string, object>>;

const running = new AsyncLocalStorage<object>();

/**
 * Runs `body` with `Resource` being exactly `links`, and `App`. What runs beside it is not affected.
 * @example
 * await withResources({ Orders: { name: "orders-test" } }, async () => {
 *   await handler(event);
 * });
 */
export function withResources<T>(links: TestLinks, body: () => T): T {
  const all = { App: { name: "test", stage: "test" }, ...links };
  const variables = Object.entries(all).map(([name, link]) => [`SST_RESOURCE_${name}`, JSON.stringify(link)]);
  // Here and not at the top, so that the bundler keeps it and a test may load several copies of the SDK.
  globals.$BOWLINE_TEST = () => running.getStore();
  return running.run(readLinks(Object.fromEntries(variables)), body);
}
