import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, test } from "vitest";

/** A program that reads a link, bundled as `platform` would bundle it, run, and what it printed or threw. */
async function bundle(entry: string, platform: "node" | "browser" | "neutral") {
  const path = fileURLToPath(new URL(entry, import.meta.url));
  const { outputFiles } = await build({
    stdin: {
      contents: `import { Resource } from ${JSON.stringify(path)}; export const read = () => Resource.Orders.name;`,
      resolveDir: fileURLToPath(new URL(".", import.meta.url)),
    },
    bundle: true,
    write: false,
    minify: true,
    format: "esm",
    platform,
    plugins: [
      {
        name: "workers-runtime",
        setup(plugins) {
          plugins.onResolve({ filter: /^cloudflare:workers$/ }, ({ path }) => ({
            path,
            namespace: "workers",
          }));
          plugins.onLoad({ filter: /./, namespace: "workers" }, () => ({
            contents: `export const env = { SST_RESOURCE_Orders: '{"name":"from the worker"}' };`,
          }));
        },
      },
    ],
  });
  const text = outputFiles[0]?.text ?? "";
  const { read } = (await import(`data:text/javascript,${encodeURIComponent(text)}`)) as {
    read: () => string;
  };
  return { text, read };
}

test("the browser's build has neither `fs` nor `crypto` and explains itself", async () => {
  const { text, read } = await bundle("./browser.ts", "browser");
  expect(text).not.toMatch(/["'](node:)?(fs|crypto)["']|SST_KEY/);
  expect(read).toThrow("Resource.Orders cannot be read in a browser");
});

test("the Worker's build reads the runtime's env", async () => {
  expect((await bundle("./workerd.ts", "neutral")).read()).toBe("from the worker");
});

test("the server's build imports nothing and stays under 1.9 kB", async () => {
  const { text } = await bundle("./index.ts", "neutral");
  expect(text).not.toMatch(/\bimport\b|require/);
  expect(text.length).toBeLessThan(1900);
});
