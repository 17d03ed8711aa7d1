/**
 * Makes sure no function outlives the cloud, even one that spins in a loop when the cloud is killed.
 *
 * A shell holds the other end of a pipe. It learns which process groups exist, and when the pipe closes,
 * which the operating system does for a killed process too, it kills what is left. It lives in a session of
 * its own, so that Ctrl-C in the terminal does not reach it first.
 */
import { type ChildProcess, spawn } from "node:child_process";

export interface Guard {
  watch(pid: number): void;
  forget(pid: number): void;
  close(): void;
}

const SCRIPT = `
groups=" "
while read -r change group; do
  case $change in
    +) groups="$groups$group " ;;
    -) groups="\${groups%% $group *} \${groups#* $group }" ;;
  esac
done
for group in $groups; do kill -9 "-$group" 2>/dev/null; done
`;

export function createGuard(): Guard {
  let shell: ChildProcess | undefined;
  const tell = (line: string) => {
    if (process.platform === "win32") return;
    if (!shell) {
      shell = spawn("/bin/sh", ["-c", SCRIPT], {
        stdio: ["pipe", "ignore", "ignore"],
        detached: true,
        env: {},
      });
      shell.on("error", () => {});
      shell.stdin?.on("error", () => {});
      shell.unref();
      const pipe = shell.stdin as unknown as { unref?(): void } | null;
      pipe?.unref?.();
    }
    shell.stdin?.write(line);
  };
  return {
    watch: (pid) => tell(`+ ${pid}\n`),
    forget: (pid) => tell(`- ${pid}\n`),
    close() {
      shell?.stdin?.end();
      shell = undefined;
    },
  };
}
