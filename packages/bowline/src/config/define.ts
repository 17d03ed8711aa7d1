import type { Class, LinkDefinition } from "../link/linkable.ts";
import type { AppSettings } from "./app.ts";

/** What `app()` is told. */
export interface AppInput {
  readonly stage: string;
}

/** A link definition for every instance of a class, for this app: `[aws.Dynamo, (table) => ({ … })]`. */
export type LinkOverride = readonly [of: Class, definition: LinkDefinition<never>];

export interface Config {
  app(input: AppInput): AppSettings | Promise<AppSettings>;
  /** Replaces what linking to a class of components means. */
  readonly links?: readonly LinkOverride[];
  /** Declares the app. What it returns are the stage's outputs. */
  run(): unknown;
}

/**
 * The default export of `bowline.config.ts`.
 *
 * @example
 * export default defineConfig({
 *   app: () => ({ name: "shop" }),
 *   run() {
 *     const uploads = new aws.Bucket("Uploads");
 *     const api = new aws.Function("Api", { handler: "src/api.handler", url: true, link: [uploads] });
 *     return { url: api.url };
 *   },
 * });
 */
export function defineConfig(config: Config): Config {
  return config;
}
