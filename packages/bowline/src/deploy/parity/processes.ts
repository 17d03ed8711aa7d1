/** Kills a process and everything it has started, all at once, as a machine does that loses power. */

import { readdirSync, readFileSync } from "node:fs";

export function killTree(pid: number): void {
  const parents = parentsOfAll();
  const doomed = [pid];
  for (const parent of doomed) {
    for (const [child, of] of parents) if (of === parent) doomed.push(child);
  }
  for (const each of doomed) {
    try {
      process.kill(each, "SIGKILL");
    } catch {
      // It ended by itself meanwhile.
    }
  }
}

function parentsOfAll(): Map<number, number> {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
    } catch {
      // It ended while we looked.
    }
  }
  return parents;
}
