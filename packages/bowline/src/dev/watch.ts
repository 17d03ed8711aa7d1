import { watch } from "node:fs";
import { resolve } from "node:path";

export interface SourceWatcher {
  /** Yields once for each burst of changes to a followed file. */
  readonly changes: AsyncIterable<void>;
  follow(files: ReadonlySet<string>): void;
  stop(): void;
}

/** Editors write a file in several steps; what comes within this many milliseconds is one change. */
const BURST = 15;

/** Watches an app's folder for changes to the files it was made from. */
export function watchSources(root: string, files: ReadonlySet<string>): SourceWatcher {
  let followed = files;
  let changed = Promise.withResolvers<void>();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const watcher = watch(root, { recursive: true }, (_event, name) => {
    if (name === null || !followed.has(resolve(root, name))) return;
    clearTimeout(timer);
    timer = setTimeout(() => changed.resolve(), BURST);
  });
  async function* changes(): AsyncGenerator<void> {
    while (!stopped) {
      await changed.promise;
      if (stopped) return;
      changed = Promise.withResolvers<void>();
      yield;
    }
  }
  return {
    changes: changes(),
    follow(next) {
      followed = next;
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      watcher.close();
      changed.resolve();
    },
  };
}
