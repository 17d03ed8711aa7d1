import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { groupCommit } from "./group-commit.ts";
import { openDatabase } from "./sqlite.ts";

const dir = mkdtempSync(join(tmpdir(), "bowline-commit-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function open(name: string, onRollback?: () => void) {
  const database = openDatabase(join(dir, `${name}.db`));
  database.exec("CREATE TABLE numbers (n INTEGER PRIMARY KEY)");
  const insert = database.prepare("INSERT INTO numbers VALUES (?)");
  const commit = groupCommit(database, onRollback);
  return { database, commit, add: (n: number) => commit.write(() => Number(insert.run(n).changes)) };
}

it("answers a write only once it is committed, with all others of the turn", async () => {
  const { database, commit, add } = open("together");
  const writes = [add(1), add(2), commit.write(() => "three")];
  expect(database.isTransaction).toBe(true);
  let answered = false;
  void writes[0]?.then(() => {
    answered = true;
  });
  await Promise.resolve();
  expect(answered).toBe(false);
  expect(await Promise.all(writes)).toEqual([1, 1, "three"]);
  expect(database.isTransaction).toBe(false);
  database.close();
});

it("fails the write that fails, and no other", async () => {
  const { database, add } = open("apart");
  const results = await Promise.allSettled([add(1), add(1), add(2)]);
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(database.prepare("SELECT count(*) AS count FROM numbers").get()?.count).toBe(2);
  database.close();
});

it("fails all when the commit does, and says that nothing was written", async () => {
  let rolledBack = 0;
  const { database, commit, add } = open("none", () => {
    rolledBack++;
  });
  database.exec("CREATE TABLE child (n INTEGER REFERENCES numbers (n) DEFERRABLE INITIALLY DEFERRED)");
  database.exec("PRAGMA foreign_keys = ON");
  const results = await Promise.allSettled([
    add(1),
    commit.write(() => database.exec("INSERT INTO child VALUES (7)")),
  ]);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(rolledBack).toBe(1);
  expect(database.prepare("SELECT count(*) AS count FROM numbers").get()?.count).toBe(0);
  await add(2);
  database.close();
});
