import { mkdirSync, mkdtempSync, renameSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { watchSources } from "./watch.ts";

/** A folder with src/api.ts, watched; `next` is the next burst of changes. */
function watched() {
  const dir = mkdtempSync(join(tmpdir(), "bowline-watch-"));
  const file = join(dir, "src/api.ts");
  mkdirSync(join(dir, "src"));
  writeFileSync(file, "0");
  const watcher = watchSources(dir, new Set([file]));
  const changes = watcher.changes[Symbol.asyncIterator]();
  return {
    dir,
    file,
    watcher,
    next: async () => [...((await changes.next()).value ?? [])],
    [Symbol.dispose]() {
      watcher.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

test("a file that is replaced, as editors save, is followed every time", async () => {
  using app = watched();
  for (const content of ["1", "2", "3"]) {
    const next = app.next();
    writeFileSync(join(app.dir, "src/.api.ts.swp"), content);
    renameSync(join(app.dir, "src/.api.ts.swp"), app.file);
    expect(await next).toEqual([app.file]);
  }
});

test("a file that is deleted and comes back is followed", async () => {
  using app = watched();
  const gone = app.next();
  unlinkSync(app.file);
  expect(await gone).toEqual([app.file]);
  const back = app.next();
  writeFileSync(app.file, "1");
  expect(await back).toEqual([app.file]);
});

test("a folder that is replaced, as a change of branch does, brings its files with it", async () => {
  using app = watched();
  const replaced = app.next();
  mkdirSync(join(app.dir, "other"));
  writeFileSync(join(app.dir, "other/api.ts"), "1");
  rmSync(join(app.dir, "src"), { recursive: true });
  renameSync(join(app.dir, "other"), join(app.dir, "src"));
  expect(await replaced).toEqual([app.file]);
  const next = app.next();
  writeFileSync(app.file, "2");
  expect(await next).toEqual([app.file]);
});

test("what is followed later is watched, in a folder of its own and outside the app", async () => {
  using app = watched();
  using other = watched();
  app.watcher.follow(new Set([other.file]));
  const next = app.next();
  writeFileSync(app.file, "1");
  writeFileSync(other.file, "1");
  expect(await next).toEqual([other.file]);
});

test("nothing comes after the end", async () => {
  using app = watched();
  const next = app.next();
  app.watcher.stop();
  expect(await next).toEqual([]);
});
