/** Paths of assets are meant from the app's folder, with either engine. */

import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { appFolder } from "./app-folder.ts";
import { testAccount } from "./test-account.ts";

const FILES = {
  "bowline.config.ts": `
    import { asset } from "@pulumi/pulumi";
    import * as pulumiAws from "@pulumi/aws";
    import { aws, defineConfig } from "bowline/config";
    export default defineConfig({
      app: ({ stage }) => ({ name: "shop", home: stage === "prod" ? "aws" : "local", removal: "remove" }),
      run() {
        const site = new aws.Bucket("Site");
        const page = (key, source) => new pulumiAws.s3.BucketObject(key, { bucket: site.name, key, source });
        page("plain", new asset.FileAsset("site/index.html"));
        page("late", site.name.apply(() => new asset.FileAsset("./site/index.html")));
        const role = new pulumiAws.iam.Role("Own", {
          assumeRolePolicy: { Version: "2012-10-17", Statement: [
            { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
          ] },
        });
        const code = new asset.AssetArchive({
          "index.mjs": new asset.FileAsset("own/index.mjs"),
          lib: new asset.FileArchive("./own/lib"),
        });
        const own = new pulumiAws.lambda.Function("Raw", { code, role: role.arn, handler: "index.handler", runtime: "nodejs24.x" });
        const url = new pulumiAws.lambda.FunctionUrl("RawUrl", { functionName: own.name, authorizationType: "NONE" });
        for (const action of ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"]) {
          const more = action.endsWith("Url") ? { functionUrlAuthType: "NONE" } : { invokedViaFunctionUrl: true };
          new pulumiAws.lambda.Permission(action.slice(7), { function: own.name, action, principal: "*", ...more });
        }
        return { site: site.name, url: url.functionUrl };
      },
    });`,
  "site/index.html": "<p>a page</p>",
  "own/index.mjs": `import { word } from "./lib/word.mjs"; export const handler = async () => word;`,
  "own/lib/word.mjs": `export const word = "found";`,
};

test("assets of a program's own resources are found in the app's folder", { timeout: 300_000 }, async () => {
  await using app = appFolder(FILES);
  await using account = await testAccount(app.dir);
  const deployed = await app.start(["deploy", "--stage", "prod", "--json"], account.env).finished;
  expect(deployed.code, deployed.stdout).toBe(0);
  const outputs = deployed.events.at(-1)?.outputs as { site: string; url: string };
  const { site, url } = outputs;
  const { endpoint, region, credentials } = account.cloud;
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  for (const Key of ["plain", "late"]) {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: site, Key }));
    expect(await Body?.transformToString()).toBe(FILES["site/index.html"]);
  }
  expect(await (await fetch(url)).text()).toBe("found");

  const again = await app.start(["diff", "--stage", "prod", "--json"], account.env).finished;
  expect(again.events.at(-1)).toMatchObject({ message: "nothing would change" });
  app.write({ "own/lib/word.mjs": `export const word = "changed";` });
  const changed = await app.start(["deploy", "--stage", "prod", "--json"], account.env).finished;
  expect(changed.events.at(-1), changed.stdout).toMatchObject({ ok: true, changes: { update: 1 } });
  expect(await (await fetch(url)).text()).toBe("changed");

  const here = await app.bowline("deploy", "--stage", "dev", "--json");
  expect(here.code, here.stdout).toBe(0);
});
