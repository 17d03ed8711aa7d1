import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname } from "node:path";

const FIRST = 4600;
const LAST = 4999;

/** Those that nobody has, lowest first, each looked at when it is asked for. */
export async function* freePorts(): AsyncGenerator<number> {
  for (let port = FIRST; port <= LAST; port++) if (await isFree(port)) yield port;
}

export function keepPort(file: string, port: number): void {
  if (keptPort(file) === port) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${port}\n`);
}

/** The port the stage had when it last ran: it keeps it, so that its URLs stay the same. */
export function keptPort(file: string): number | undefined {
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
