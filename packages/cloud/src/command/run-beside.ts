/** Runs somebody's command while the cloud is up. */
import { spawn } from "node:child_process";
import { constants } from "node:os";

/** Resolves to its exit code, as a shell would have it: 127 where there is no such command, 128 and more for a signal. */
export async function runBeside(
  [command = "", ...args]: readonly string[],
  variables: Readonly<Record<string, string>>,
): Promise<number> {
  const child = spawn(command, args, { stdio: "inherit", env: { ...process.env, ...variables } });
  // The terminal sends Ctrl-C to the command as well: it decides when it ends.
  const forward = (signal: NodeJS.Signals) => void child.kill(signal);
  const ignore = () => {};
  process.on("SIGINT", ignore).on("SIGTERM", forward);
  try {
    return await new Promise<number>((resolve) => {
      child.once("error", (error: NodeJS.ErrnoException) => {
        const missing = error.code === "ENOENT";
        console.error(
          missing ? `There is no command "${command}".` : `"${command}" cannot be run: ${error.message}`,
        );
        resolve(missing ? 127 : 126);
      });
      child.once("exit", (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
    });
  } finally {
    process.off("SIGINT", ignore).off("SIGTERM", forward);
  }
}
