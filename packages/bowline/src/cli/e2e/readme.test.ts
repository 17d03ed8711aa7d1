import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { appFolder } from "./app-folder.ts";

const README = readFileSync(new URL("../../../../../README.md", import.meta.url), "utf8");

/** The code blocks of a language, in the order of the page. */
function blocks(language: string): string[] {
  return [...README.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(
    ([, code = ""]) => code,
  );
}

test("the README's example runs as it stands there, and its denial reads as it says", {
  timeout: 60_000,
}, async () => {
  const [config = "", api = ""] = blocks("ts");
  const [report = ""] = blocks("python");
  await using app = appFolder({
    "bowline.config.ts": config,
    "src/api.ts": api,
    "src/report.py": report,
    "check.mjs": `
      import { Resource } from "bowline";
      console.log(await (await fetch(Resource.Api.url)).text(), await (await fetch(Resource.Report.url)).text());`,
    "write.py":
      "import boto3\nfrom bowline import Resource\n\nboto3.resource('dynamodb').Table(Resource.Orders.name).put_item(Item={'id': '2'})\n",
  });
  await app.bowline("secret", "set", "StripeKey", "sk_test", "--stage", "t");
  const checked = await app.bowline("run", "--stage", "t", "--", "node", "check.mjs");
  const [stored = "", orders = ""] = checked.stdout.split(/ (?=\[)/);
  expect([JSON.parse(stored), JSON.parse(orders)]).toEqual([{ stored: true }, [{ id: "1", item: "rope" }]]);
  const denied = await app.bowline("run", "--stage", "t", "--as", "Report", "--", "python3", "write.py");
  const [message = ""] = blocks("").filter((block) => block.startsWith("!"));
  expect(denied.stderr).toContain(message.trim());
});
