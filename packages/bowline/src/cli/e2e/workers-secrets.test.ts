import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { appFolder } from "./app-folder.ts";
import { filesWith } from "./inspect.ts";
import { config, told } from "./worker-apps.ts";

/** One for every way in which a Worker comes by a secret. */
const CANARIES = ["canary-link-51c0", "canary-linkable-7be2", "canary-variable-0d9a", "canary-bound-33f8"];

const APP = {
  "bowline.config.ts": config(`
    const key = new Secret("Key");
    const photos = new cloudflare.Bucket("Photos");
    const bound = new Linkable("Bound", {
      properties: { region: "north" },
      include: [cloudflare.binding({ type: "secretTextBindings", as: "token", properties: { text: new Secret("BoundKey").value } })],
    });
    const api = new cloudflare.Worker("Api", {
      handler: "src/api.ts", url: true,
      link: [key, photos, bound, new Linkable("Service", { properties: { password: new Secret("Password").value } })],
      environment: { TOKEN: new Secret("Token").value },
    });
    const job = new aws.Function("Job", { handler: "src/job.handler", url: true, link: [photos] });
    return { api: api.url, job: job.url };`),
  "src/api.ts": `
    import { Resource } from "bowline";
    export default {
      fetch(request: Request, env: any) {
        const { Key, Service, Bound } = Resource as any;
        return Response.json([Key.value, Service.password, env.TOKEN, Bound.token]);
      },
    };`,
  "src/job.ts": `
    import { Resource } from "bowline";
    export const handler = async () => (Resource as any).Photos.secretAccessKey;`,
};

test("secrets of Workers, and keys made for functions, are in memory and nowhere else", {
  timeout: 240_000,
}, async () => {
  await using app = appFolder(APP);
  const temporary = join(app.home, "tmp");
  mkdirSync(temporary, { recursive: true });
  const env = { TMPDIR: temporary };
  const said: string[] = [];
  const run = async (...args: string[]) => {
    const { stdout, stderr, code } = await app.start([...args, "--stage", "t"], env).finished;
    said.push(stdout, stderr);
    return code;
  };
  for (const [index, name] of ["Key", "Password", "Token", "BoundKey"].entries()) {
    await app.bowline("secret", "set", name, String(CANARIES[index]), "--stage", "t");
  }
  expect(await run("diff", "--json")).toBe(0);
  const dev = app.start(["dev", "--stage", "t"], env);
  const [api, job] = [await told(dev, "api"), await told(dev, "job")];
  await dev.line(/watching/);
  expect(await (await fetch(api)).json()).toEqual(CANARIES);
  const made = (await (await fetch(job)).text()).replaceAll('"', "");
  expect(made).toMatch(/^[0-9a-f]{64}$/);

  app.write({ "src/api.ts": `${APP["src/api.ts"]}\nthrow new RangeError("no rope");` });
  await dev.line(/Api does not start/);
  for (const command of [
    ["links"],
    ["links", "why", "Api", "Key"],
    ["state"],
    ["state", "export"],
    ["outputs"],
  ]) {
    await run(...command);
  }
  const processes = execFileSync("ps", ["-eo", "args"], { encoding: "utf8" });
  const holding = () =>
    [...CANARIES, made].flatMap((secret) => [
      ...[join(app.dir, ".bowline"), app.home].flatMap((folder) => filesWith(folder, secret)),
      ...(readFileSync(join(app.dir, "bowline-env.d.ts"), "utf8").includes(secret) ? ["the types"] : []),
    ]);
  expect(holding()).toEqual([]);
  dev.process.kill("SIGINT");
  const { stdout, stderr } = await dev.finished;
  expect(holding()).toEqual([]);
  for (const secret of [...CANARIES, made]) {
    expect(stdout + stderr + said.join("") + processes).not.toContain(secret);
  }
});
