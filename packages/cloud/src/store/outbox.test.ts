import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { groupCommit } from "./group-commit.ts";
import { type Deliver, outbox } from "./outbox.ts";
import { openDatabase } from "./sqlite.ts";

const dir = mkdtempSync(join(tmpdir(), "bowline-outbox-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

interface Note {
  readonly time: number;
  readonly text: string;
}

let files = 0;
function open(deliver: Deliver<Note>, file = join(dir, `${files++}.db`)) {
  const database = openDatabase(file);
  const commit = groupCommit(database);
  const box = outbox<Note>(database, commit, deliver);
  return {
    file,
    async send(text: string, lane: string | null = null): Promise<void> {
      const note = { time: Date.now(), text };
      box.send(await commit.write(() => box.write(note, [{ target: "t", lane }])));
    },
    start: box.start,
    left: () => Number(database.prepare("SELECT count(*) AS left FROM outbox").get()?.left),
    publications: () => Number(database.prepare("SELECT count(*) AS left FROM publication").get()?.left),
    close() {
      box.stop();
      commit.flush();
      database.close();
    },
  };
}

/** Resolves when the texts have come in this order. */
function receiver(expected: readonly string[], answer: (text: string, times: number) => number | undefined) {
  const seen: string[] = [];
  const { promise, resolve } = Promise.withResolvers<readonly string[]>();
  const deliver: Deliver<Note> = async ({ text }) => {
    seen.push(text);
    const delay = answer(text, seen.filter((one) => one === text).length);
    if (seen.length === expected.length) resolve(seen);
    return delay;
  };
  return { deliver, all: promise };
}

it("delivers a lane in order, what must be repeated before what follows", async () => {
  const expected = ["a", "a", "b", "c"];
  const { deliver, all } = receiver(expected, (text, times) =>
    text === "a" && times === 1 ? 10 : undefined,
  );
  const box = open(deliver);
  for (const text of ["a", "b", "c"]) await box.send(text, "lane");
  expect(await all).toEqual(expected);
  await expect.poll(box.left).toBe(0);
  expect(box.publications()).toBe(0);
  box.close();
});

it("takes up after a restart what was not delivered", async () => {
  const never: Deliver<Note> = () => new Promise(() => {});
  const before = open(never);
  await before.send("a", "lane");
  await before.send("b", "lane");
  before.close();
  const { deliver, all } = receiver(["a", "b"], () => undefined);
  const box = open(deliver, before.file);
  box.start();
  expect(await all).toEqual(["a", "b"]);
  await expect.poll(box.left).toBe(0);
  box.close();
});

it("tries again what failed for no fault of its receiver, and holds nothing up for good", async () => {
  const expected = ["a", "a", "b"];
  const { deliver, all } = receiver(expected, (text, times) => {
    if (text === "a" && times === 1) throw new Error("out of order");
    return undefined;
  });
  const box = open(deliver);
  await box.send("a", "lane");
  await box.send("b", "lane");
  expect(await all).toEqual(expected);
  await expect.poll(box.left).toBe(0);
  box.close();
});
