import { expect, test } from "vitest";
import type { Provider } from "../provider.ts";
import { loadSdk } from "../sdk.ts";
import { memoryProvider } from "../testing/memory-provider.ts";
import { decodeStruct, encodeStruct } from "../values/struct.ts";
import { servePlugin } from "./serve.ts";

const sdk = loadSdk(process.cwd());
const URN = "urn:pulumi:test::shop::test:index:Thing::a";

/** Speaks to a plugin as Pulumi's engine does. */
async function connect(provider: Provider) {
  const plugin = await servePlugin(provider);
  const grpc = sdk.grpc();
  const { ResourceProviderClient } = sdk.require("./proto/provider_grpc_pb.js");
  const client = new ResourceProviderClient(`127.0.0.1:${plugin.port}`, grpc.credentials.createInsecure());
  const messages = sdk.require("./proto/provider_pb.js");
  return {
    messages,
    call: (method: string, request: unknown) =>
      // biome-ignore lint/suspicious/noExplicitAny: generated messages, by name
      new Promise<any>((resolve, reject) =>
        client[method](request, (error: Error | null, response: unknown) =>
          error ? reject(error) : resolve(response),
        ),
      ),
    [Symbol.dispose]() {
      client.close();
      plugin.close();
    },
  };
}

test("a provider served as a plugin checks, diffs, creates, updates, reads and deletes", async () => {
  const provider = memoryProvider();
  using plugin = await connect(provider);
  const { messages, call } = plugin;

  const configure = new messages.ConfigureRequest();
  configure.setArgs(encodeStruct(sdk, { region: "mars" }));
  expect((await call("configure", configure)).getSupportspreview()).toBe(true);

  const check = new messages.CheckRequest();
  check.setUrn(URN);
  check.setNews(encodeStruct(sdk, { value: 1 }));
  check.setRandomseed(new Uint8Array(32).fill(1));
  const inputs = decodeStruct((await call("check", check)).getInputs());
  expect(inputs.name).toMatch(/^a-\w{7}$/);

  const create = new messages.CreateRequest();
  create.setUrn(URN);
  create.setProperties(encodeStruct(sdk, inputs));
  const created = await call("create", create);
  const id = created.getId();
  const outputs = decodeStruct(created.getProperties());
  expect(outputs).toMatchObject({ arn: `arn:test:Thing:${id}`, value: 1 });

  const diff = new messages.DiffRequest();
  diff.setUrn(URN);
  diff.setId(id);
  diff.setOldInputs(encodeStruct(sdk, inputs));
  diff.setOlds(encodeStruct(sdk, outputs));
  diff.setNews(encodeStruct(sdk, { ...inputs, value: 2, zone: "x" }));
  const difference = await call("diff", diff);
  expect(difference.getReplacesList()).toEqual(["zone"]);
  expect(difference.getDiffsList().sort()).toEqual(["value", "zone"]);

  const update = new messages.UpdateRequest();
  update.setUrn(URN);
  update.setId(id);
  update.setOldInputs(encodeStruct(sdk, inputs));
  update.setOlds(encodeStruct(sdk, outputs));
  update.setNews(encodeStruct(sdk, { ...inputs, value: 2 }));
  expect(decodeStruct((await call("update", update)).getProperties()).value).toBe(2);

  const read = new messages.ReadRequest();
  read.setUrn(URN);
  read.setId(id);
  expect(decodeStruct((await call("read", read)).getProperties()).value).toBe(2);

  const remove = new messages.DeleteRequest();
  remove.setUrn(URN);
  remove.setId(id);
  remove.setProperties(encodeStruct(sdk, outputs));
  await call("delete", remove);
  expect(provider.log).toEqual([`create ${id}`, `update ${id}`, `delete ${id}`]);

  const invoke = new messages.InvokeRequest();
  invoke.setTok("test:index:echo");
  invoke.setArgs(encodeStruct(sdk, { a: 1 }));
  expect(decodeStruct((await call("invoke", invoke)).getReturn())).toEqual({ a: 1, region: "mars" });
});

test("a type the provider does not know is an error that names it", async () => {
  using plugin = await connect(memoryProvider());
  const check = new plugin.messages.CheckRequest();
  check.setUrn(URN.replace("Thing", "Nothing"));
  await expect(plugin.call("check", check)).rejects.toThrow(`has no resource type test:index:Nothing`);
});
