import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openLedger, readStored } from "./ledger.ts";
import type { ResourceState } from "./resource.ts";
import { createSealer } from "./sealing.ts";

const sealer = createSealer(new Uint8Array(32).fill(1));

function resource(name: string): ResourceState {
  const urn = `urn:pulumi:s::p::t:i:T::${name}`;
  return { urn, type: "t:i:T", custom: true, id: name, inputs: { name: `ünï-${name}` }, outputs: {} };
}

async function temporary() {
  const path = await mkdtemp(join(tmpdir(), "bowline-ledger-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

test("a journal torn at any byte is read up to there", async () => {
  await using dir = await temporary();
  const ledger = await openLedger(dir.path, sealer);
  for (const name of ["a", "b", "c"]) {
    const operation = await ledger.begin({ type: "creating", resource: resource(name) });
    if (name !== "c") await ledger.end(operation, { put: [resource(name)] });
  }
  const path = join(dir.path, "journal.ndjson");
  const whole = await readFile(path);
  let last = -1;
  for (let length = 0; length <= whole.length; length++) {
    await writeFile(path, whole.subarray(0, length));
    const { resources, pending } = await readStored(dir.path, sealer);
    const events = resources.length * 2 + pending.length;
    expect(events).toBeGreaterThanOrEqual(last);
    last = events;
  }
  expect((await readStored(dir.path, sealer)).resources.map(({ id }) => id)).toEqual(["a", "b"]);
  expect((await readStored(dir.path, sealer)).pending.map((one) => one.resource.id)).toEqual(["c"]);
});

test("a checkpoint written just before the journal could be removed counts alone", async () => {
  await using dir = await temporary();
  const ledger = await openLedger(dir.path, sealer);
  const operation = await ledger.begin({ type: "creating", resource: resource("a") });
  await ledger.end(operation, { put: [resource("a")] });
  const journal = join(dir.path, "journal.ndjson");
  await cp(journal, join(dir.path, "kept"));
  await ledger.close();
  await cp(join(dir.path, "kept"), journal);
  const again = await openLedger(dir.path, sealer);
  expect(again.resources.map(({ id }) => id)).toEqual(["a"]);
  again.note({ drop: [resource("a").urn] });
  await again.close();
  expect((await readStored(dir.path, sealer)).resources).toEqual([]);
});

test("what was pending stays pending until it is settled, through any number of runs", async () => {
  await using dir = await temporary();
  const killed = await openLedger(dir.path, sealer);
  await killed.begin({ type: "creating", resource: resource("a"), seed: "c2VlZA==" });
  for (let run = 0; run < 3; run++) {
    const ledger = await openLedger(dir.path, sealer);
    expect(ledger.pending).toMatchObject([{ type: "creating", seed: "c2VlZA==" }]);
    ledger.note({ put: [resource(`other-${run}`)] });
    await ledger.close();
  }
  const ledger = await openLedger(dir.path, sealer);
  const [pending] = ledger.pending;
  if (!pending) throw new Error("nothing pending");
  await ledger.settle(pending, { put: [resource("a")] });
  const meanwhile = await readStored(dir.path, sealer);
  expect(meanwhile.pending).toEqual([]);
  await ledger.close();
  const stored = await readStored(dir.path, sealer);
  expect(stored.pending).toEqual([]);
  expect(stored.resources.map(({ id }) => id).sort()).toEqual(["a", "other-0", "other-1", "other-2"]);
});
