/** Reads every link of a test app with npm's `sst` and PyPI's `sst-sdk`, in functions and from variables; `npm start`. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { appFolder } from "../../../packages/bowline/src/cli/e2e/app-folder.ts";
import { appFiles, LINKS, SECRET } from "./app.ts";

type Links = Readonly<Record<string, unknown>>;
interface Answer {
  readonly reference: Links;
  readonly lambda: Readonly<Record<"npm" | "pypi", { readonly file: string; readonly links: Links }>>;
  readonly variables: Readonly<Record<"npm" | "pypi", Links>>;
}

/** A Python that has `sst-sdk`, made once. */
function pythonWithSdk(): string {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
  const folder = join(cache, "bowline", "oracles", "sst-sdk");
  const python = join(folder, "bin", "python");
  if (!existsSync(join(folder, "ready"))) {
    execFileSync(process.env.PYTHON ?? "python3", ["-m", "venv", "--clear", folder], { stdio: "inherit" });
    execFileSync(python, ["-m", "pip", "install", "--quiet", "sst-sdk"], { stdio: "inherit" });
    execFileSync(python, ["-c", `import sst; open(${JSON.stringify(join(folder, "ready"))}, "w").close()`]);
  }
  return python;
}

execFileSync(process.execPath, ["scripts/prepare.mjs"], {
  cwd: join(import.meta.dirname, "../../.."),
  stdio: "inherit",
});
await using app = appFolder(appFiles(pythonWithSdk()));
await app.bowline("secret", "set", "StripeKey", SECRET, "--stage", "t");
const finished = await app.bowline("run", "--stage", "t", "--", "node", "ask.mjs");
const line = finished.stdout.trim().split("\n").at(-1) ?? "";
if (finished.code !== 0 || !line.startsWith("{")) throw new Error(finished.stdout + finished.stderr);
const answer = JSON.parse(line) as Answer;

if ((answer.reference.StripeKey as { value?: string }).value !== SECRET)
  throw new Error("the secret is another one");
for (const [sdk, { file }] of Object.entries(answer.lambda)) {
  if (!file) throw new Error(`no link of the function that ${sdk} reads is encrypted`);
}

const readers: Readonly<Record<string, Links>> = {
  "npm sst in a function": answer.lambda.npm.links,
  "PyPI sst-sdk in a function": answer.lambda.pypi.links,
  "npm sst from variables": answer.variables.npm,
  "PyPI sst-sdk from variables": answer.variables.pypi,
};
for (const [reader, links] of Object.entries(readers)) {
  const wrong = ["App", ...LINKS].filter((name) => !isDeepStrictEqual(links[name], answer.reference[name]));
  for (const name of wrong.slice(0, 10)) {
    console.log(
      `${reader}: ${name} is ${JSON.stringify(links[name])}, not ${JSON.stringify(answer.reference[name])}`,
    );
  }
  console.log(`${reader}: ${LINKS.length + 1 - wrong.length} of ${LINKS.length + 1} links read alike`);
  if (wrong.length > 0) process.exitCode = 1;
}
