import { spawnSync } from "node:child_process";
import { createCipheriv, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "bowline-sst-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Everything a new process reads through `module`'s `Resource`. */
function read(module: string, env: Record<string, string>): unknown {
  const program = `
    import { Resource } from ${JSON.stringify(module)};
    process.stdout.write(JSON.stringify({ ...Resource }));
  `;
  const run = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
    env: { PATH: process.env.PATH, ...env },
    encoding: "utf8",
  });
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout);
}

function encrypt(links: object): Record<string, string> {
  const key = randomBytes(32);
  const cipher = createCipheriv("aes-256-gcm", key, Buffer.alloc(12));
  const file = join(folder, randomBytes(6).toString("hex"));
  writeFileSync(
    file,
    Buffer.concat([cipher.update(JSON.stringify(links)), cipher.final(), cipher.getAuthTag()]),
  );
  return { SST_KEY_FILE: file, SST_KEY: key.toString("base64") };
}

const app = { SST_RESOURCE_App: '{"name":"shop","stage":"dev"}' };
const table = '{"name":"t","nested":{"list":[1,null,{"a":true}],"π":"日本"},"type":"sst.aws.Dynamo"}';

const environments: Record<string, Record<string, string>> = {
  "from variables": { ...app, SST_RESOURCE_Table: table, "SST_RESOURCE_a-b": "{}" },
  "from the encrypted file": { ...app, ...encrypt({ Key: { value: "s\n\"'é", type: "sst.sst.Secret" } }) },
  "from SST_RESOURCES_JSON": { SST_RESOURCES_JSON: `{"App":{"name":"x","stage":"y"},"Table":${table}}` },
  "from all of them, the file first": {
    ...app,
    SST_RESOURCE_A: '{"from":"variable"}',
    SST_RESOURCE_B: '{"from":"variable"}',
    SST_RESOURCES_JSON: '{"A":{"from":"json"},"B":{"from":"json"}}',
    ...encrypt({ B: { from: "file" } }),
  },
};

test.each(Object.entries(environments))("reads what npm sst reads, %s", (_title, env) => {
  const ours = read(new URL("./index.ts", import.meta.url).href, env);
  expect(ours).toEqual(read(import.meta.resolve("sst/resource"), env));
  expect(Object.keys(Object(ours)).length).toBeGreaterThan(0);
});
