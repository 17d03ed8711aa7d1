/** Reads every link of the test app with SST's own SDKs, and some as a Stelvio handler does. */
import { isDeepStrictEqual } from "node:util";
import type { AppFolder } from "../../../packages/bowline/src/cli/e2e/app-folder.ts";
import { report } from "../lane.ts";
import { LINKS, SECRET, STELVIO_READS } from "./app.ts";

type Links = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
interface Answer {
  readonly reference: Links;
  readonly stelvio: readonly unknown[];
  readonly lambda: Readonly<Record<"npm" | "pypi", { readonly file: string; readonly links: Links }>>;
  readonly variables: Readonly<Record<"npm" | "pypi", Links>>;
}

export async function compareSdks(app: AppFolder): Promise<void> {
  await app.bowline("secret", "set", "StripeKey", SECRET, "--stage", "t");
  const finished = await app.bowline("run", "--stage", "t", "--", "node", "ask.mjs");
  const line = finished.stdout.trim().split("\n").at(-1) ?? "";
  if (finished.code !== 0 || !line.startsWith("{")) throw new Error(finished.stdout + finished.stderr);
  const { reference, lambda, variables, stelvio } = JSON.parse(line) as Answer;

  if (reference.StripeKey?.value !== SECRET) throw new Error("the secret is another one");
  for (const [sdk, { file }] of Object.entries(lambda)) {
    if (!file) throw new Error(`no link of the function that ${sdk} reads is encrypted`);
  }
  const names = ["App", ...LINKS];
  const pick = (links: Links) => names.map((name) => links[name]);
  compare("npm sst in a function", names, pick(lambda.npm.links), pick(reference));
  compare("PyPI sst-sdk in a function", names, pick(lambda.pypi.links), pick(reference));
  compare("npm sst from variables", names, pick(variables.npm), pick(reference));
  compare("PyPI sst-sdk from variables", names, pick(variables.pypi), pick(reference));
  const properties = STELVIO_READS.map((path) => path.join("."));
  const expected = STELVIO_READS.map(([link, property]) => reference[link]?.[property]);
  compare("a Stelvio handler", properties, stelvio, expected);
}

function compare(
  reader: string,
  names: readonly string[],
  read: readonly unknown[],
  expected: readonly unknown[],
): void {
  const wrong = names.flatMap((name, index) =>
    isDeepStrictEqual(read[index], expected[index])
      ? []
      : [`${reader}: ${name} is ${JSON.stringify(read[index])}, not ${JSON.stringify(expected[index])}`],
  );
  for (const text of wrong.slice(0, 10)) console.log(text);
  console.log(`${reader}: ${names.length - wrong.length} of ${names.length} read alike`);
  report({ part: reader, cases: names.length, explained: 0, unexplained: wrong.length });
}
