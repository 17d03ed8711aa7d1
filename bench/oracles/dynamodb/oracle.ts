/** Runs an oracle for as long as a comparison takes. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import type { AddressInfo, Server } from "node:net";
import { createInterface } from "node:readline";

export type OracleName = "dynalite" | "moto";

export interface Oracle extends AsyncDisposable {
  readonly endpoint: string;
}

export const startOracle = (name: OracleName): Promise<Oracle> =>
  name === "moto" ? startMoto() : startDynalite();

async function startDynalite(): Promise<Oracle> {
  const dynalite = createRequire(import.meta.url)("dynalite") as (options: object) => Server;
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, "close");
    },
  };
}

/** Runs `python -m moto.server` on a free port; `PYTHON` names an interpreter that has moto. */
async function startMoto(): Promise<Oracle> {
  const python = process.env.PYTHON ?? "python3";
  const child = spawn(python, ["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const exited = once(child, "exit");
  for await (const line of createInterface({ input: child.stderr })) {
    const endpoint = /Running on (http:\S+)/.exec(line)?.[1];
    if (!endpoint) continue;
    // What follows is a line a request: read, so that moto never waits for us.
    child.stderr.resume();
    return {
      endpoint,
      async [Symbol.asyncDispose]() {
        child.kill();
        await exited;
      },
    };
  }
  throw new Error(`${python} -m moto.server did not start: install “moto[server,dynamodb]” from PyPI.`);
}
