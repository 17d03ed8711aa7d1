/** What a `bowline.config.ts` imports. */
export * as aws from "../components/aws/index.ts";
export * as cloudflare from "../components/cloudflare/index.ts";
export { Linkable } from "../components/linkable.ts";
export { Secret } from "../components/secret.ts";
export { environment } from "../link/include.ts";
export { Link } from "../link/link.ts";
export type { LinkItem } from "../link/linkable.ts";
export type { AppSettings, Home } from "./app.ts";
export { type AppInput, type Config, defineConfig, type LinkOverride } from "./define.ts";
