import { fileURLToPath } from "node:url";
import { build } from "esbuild";

let script: Promise<string> | undefined;

/** The Worker as one module. */
export function r2S3Script(): Promise<string> {
  script ??= bundle();
  return script;
}

async function bundle(): Promise<string> {
  const file = import.meta.url.endsWith(".ts") ? "./index.ts" : "./r2-s3.mjs";
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(file, import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    logLevel: "silent",
  });
  return outputFiles[0]?.text ?? "";
}
