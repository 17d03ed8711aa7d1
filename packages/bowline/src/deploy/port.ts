import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname } from "node:path";

const FIRST = 4600;
const LAST = 4999;

/**
 * A stage keeps its port, so that its URLs stay the same from one start to the next.
 * A new stage takes the first free one.
 */
export async function stagePort(file: string, asked: number | undefined): Promise<number> {
  return asked ?? readPort(file) ?? freePort();
}

/** The first that nobody has; 0, for any, when all are taken. */
export async function freePort(): Promise<number> {
  for (let port = FIRST; port <= LAST; port++) if (await isFree(port)) return port;
  return 0;
}

export function keepPort(file: string, port: number): void {
  if (readPort(file) === port) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${port}\n`);
}

function readPort(file: string): number | undefined {
  try {
    const port = Number(readFileSync(file, "utf8"));
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
  } catch {
    return undefined;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
