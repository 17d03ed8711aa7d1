/** How much memory a process has: what Lambda's limit is held against. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * Mebibytes of a process's own memory. Pages mapped from files (the interpreter's binary, shared by all
 * functions) do not count, or a bare Node would fill half of Lambda's smallest size.
 */
export function memoryOf(pid: number): number | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    const own = /RssAnon:\s+(\d+)/.exec(status)?.[1] ?? /VmRSS:\s+(\d+)/.exec(status)?.[1];
    return own === undefined ? undefined : Number(own) / 1024;
  } catch {
    return undefined;
  }
}

/**
 * Calls back once when the process outgrows the limit while it has work: between invocations Lambda freezes a
 * process, so there is nothing to watch. Returns what ends the watch.
 */
export function watchMemory(
  pid: number,
  limit: number,
  working: () => boolean,
  exceeded: (used: number) => void,
): () => void {
  let asking = false;
  const check = (used: number | undefined) => {
    if (used === undefined || used <= limit) return;
    clearInterval(timer);
    exceeded(used);
  };
  const linux = process.platform === "linux";
  const timer = setInterval(
    () => {
      if (!working()) return;
      if (linux) return check(memoryOf(pid));
      if (asking) return;
      asking = true;
      execFile("ps", ["-o", "rss=", "-p", String(pid)], (error, stdout) => {
        asking = false;
        if (!error) check(Number(stdout) / 1024);
      });
    },
    linux ? 50 : 1000,
  );
  timer.unref();
  return () => clearInterval(timer);
}
