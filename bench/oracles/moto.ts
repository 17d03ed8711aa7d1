/** The moto that a lane asks: the runner's when there is one, else one of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface Moto extends AsyncDisposable {
  readonly endpoint: string;
}

/** The account that moto answers as. */
export const motoAccount = "123456789012";

/** What moto takes from anybody. */
export const motoCredentials = { accessKeyId: "AKIATEST", secretAccessKey: "x" } as const;

/** The Python that has the oracles: `PYTHON`, which the runner sets. */
export const python = process.env.PYTHON ?? "python3";

/** A moto that holds nothing. */
export async function startMoto(): Promise<Moto> {
  const shared = process.env.BOWLINE_ORACLE_MOTO;
  if (shared) {
    const { ok } = await fetch(`${shared}/moto-api/reset`, { method: "POST" });
    if (!ok) throw new Error(`moto at ${shared} cannot be emptied.`);
    return { endpoint: shared, async [Symbol.asyncDispose]() {} };
  }
  const child = spawn(python, [join(import.meta.dirname, "moto_server.py")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  for await (const endpoint of createInterface({ input: child.stdout })) {
    return {
      endpoint,
      async [Symbol.asyncDispose]() {
        child.stdin.end();
        await exited;
      },
    };
  }
  throw new Error(`${python} could not start moto: run “npm run test:oracles”, which installs it.`);
}
