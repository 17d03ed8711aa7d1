/** Packs every package, installs the tarballs into an empty folder, and runs the quickstart from there. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), "bowline-packed-"));
const app = join(folder, "app");
// Its own home: no cache or key of an earlier run helps it.
const env = { ...process.env, XDG_CONFIG_HOME: join(folder, "config"), NO_COLOR: "1" };
const run = (command, args, cwd) =>
  execFileSync(command, args, { cwd, env, stdio: ["ignore", "inherit", "inherit"] });

try {
  const tarballs = Object.fromEntries(["engine", "cloud", "bowline"].map(pack));
  cpSync(join(root, "examples", "quickstart"), app, {
    recursive: true,
    filter: (path) => !/node_modules|\.bowline/.test(basename(path)),
  });
  const manifest = JSON.parse(readFileSync(join(app, "package.json"), "utf8"));
  manifest.dependencies = { ...manifest.dependencies, ...tarballs, node: "24.21.0" };
  manifest.allowScripts = { node: true, esbuild: true, protobufjs: true };
  writeFileSync(join(app, "package.json"), JSON.stringify(manifest, null, 2));
  run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], app);
  run("npx", ["bowline", "run", "--stage", "packed", "--", "node", "check.mjs"], app);
  console.log("the quickstart runs from the packed packages");
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function pack(name) {
  const source = join(root, "packages", name);
  const [{ filename }] = JSON.parse(
    execFileSync("npm", ["pack", "--json", "--loglevel=error", "--pack-destination", folder], {
      cwd: source,
      encoding: "utf8",
      env,
    }),
  );
  const { name: packageName } = JSON.parse(readFileSync(join(source, "package.json"), "utf8"));
  return [packageName, `file:${join(folder, filename)}`];
}
