import { type FSWatcher, watch } from "node:fs";
import { dirname, join, sep } from "node:path";

export interface SourceWatcher {
  /** The followed files that changed, burst by burst; ends when the watcher is stopped. */
  readonly changes: AsyncIterable<ReadonlySet<string>>;
  follow(files: ReadonlySet<string>): void;
  stop(): void;
}

/** Editors write a file in several steps; what comes within this many milliseconds is one change. */
const BURST = 15;

/**
 * Watches the files an app was made from, through the folders they are in: a file that an editor replaces
 * is another file to the system, and the folder is what still tells of it.
 */
export function watchSources(root: string, files: ReadonlySet<string>): SourceWatcher {
  let followed = files;
  let burst = new Set<string>();
  let ready = Promise.withResolvers<void>();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const watchers = new Map<string, FSWatcher>();

  function changed(file: string): void {
    burst.add(file);
    clearTimeout(timer);
    timer = setTimeout(() => ready.resolve(), BURST);
  }

  function happened(event: string, path: string): void {
    if (followed.has(path)) changed(path);
    const within = [...followed].filter((file) => file.startsWith(path + sep));
    // A folder came, went or was replaced, and with it what it holds.
    if (event !== "rename" || within.length === 0) return;
    for (const folder of watchers.keys()) {
      if (folder === path || folder.startsWith(path + sep)) forget(folder);
    }
    watchFolders();
    for (const file of within) changed(file);
  }

  function forget(folder: string): void {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  }

  function watchFolders(): void {
    const wanted = foldersOf(root, followed);
    for (const folder of watchers.keys()) if (!wanted.has(folder)) forget(folder);
    for (const folder of wanted) {
      if (watchers.has(folder)) continue;
      try {
        const watcher = watch(folder, (event, name) => {
          if (name !== null) happened(event, join(folder, name));
        });
        watcher.on("error", () => forget(folder));
        watchers.set(folder, watcher);
      } catch (cause) {
        // A folder that is gone is told of by the one above it when it comes back.
        if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
      }
    }
  }

  async function* changes(): AsyncGenerator<ReadonlySet<string>> {
    for (;;) {
      await ready.promise;
      if (stopped) return;
      ready = Promise.withResolvers<void>();
      const changed = burst;
      burst = new Set();
      yield changed;
    }
  }

  watchFolders();
  return {
    changes: changes(),
    follow(next) {
      followed = next;
      if (!stopped) watchFolders();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      for (const folder of [...watchers.keys()]) forget(folder);
      ready.resolve();
    },
  };
}

/** The folders of these files, and inside the app the ones above them. */
function foldersOf(root: string, files: ReadonlySet<string>): Set<string> {
  const folders = new Set<string>();
  for (const file of files) {
    let folder = dirname(file);
    while (!folders.has(folder)) {
      folders.add(folder);
      if (folder.startsWith(root + sep)) folder = dirname(folder);
    }
  }
  return folders;
}
