/** Runs an oracle for as long as a comparison takes. */
import { once } from "node:events";
import { createRequire } from "node:module";
import type { AddressInfo, Server } from "node:net";
import { startMoto } from "../moto.ts";

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
