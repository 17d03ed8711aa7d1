import { watch } from "node:fs";
import { resolve } from "node:path";

export interface SourceWatcher {
  /** The followed files that changed, burst by burst; ends when the watcher is stopped. */
  readonly changes: AsyncIterable<ReadonlySet<string>>;
  follow(files: ReadonlySet<string>): void;
  stop(): void;
}

/** Editors write a file in several steps; what comes within this many milliseconds is one change. */
const BURST = 15;

/** Watches an app's folder for changes to the files it was made from. */
export function watchSources(root: string, files: ReadonlySet<string>): SourceWatcher {
  let followed = files;
  let burst = new Set<string>();
  let ready = Promise.withResolvers<void>();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const watcher = watch(root, { recursive: true }, (_event, name) => {
    const file = name === null ? "" : resolve(root, name);
    if (!followed.has(file)) return;
    burst.add(file);
    clearTimeout(timer);
    timer = setTimeout(() => ready.resolve(), BURST);
  });
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
  return {
    changes: changes(),
    follow(next) {
      followed = next;
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      watcher.close();
      ready.resolve();
    },
  };
}
