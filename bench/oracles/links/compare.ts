/** Reads every link of a test app with npm's `sst` and PyPI's `sst-sdk`, in functions and from variables; `npm start`. */
import { isDeepStrictEqual } from "node:util";
import { appFolder } from "../../../packages/bowline/src/cli/e2e/app-folder.ts";
import { report } from "../lane.ts";
import { python } from "../moto.ts";
import { appFiles, LINKS, SECRET } from "./app.ts";

type Links = Readonly<Record<string, unknown>>;
interface Answer {
  readonly reference: Links;
  readonly lambda: Readonly<Record<"npm" | "pypi", { readonly file: string; readonly links: Links }>>;
  readonly variables: Readonly<Record<"npm" | "pypi", Links>>;
}

await using app = appFolder(appFiles(python));
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
  report({ part: reader, cases: LINKS.length + 1, explained: 0, unexplained: wrong.length });
}
