/** Installs and builds what is missing, so that `npm run demo` and `npm test` work on a fresh clone. Runs on any Node. */
import { execSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What a command prints is shown only when it fails. */
function run(command) {
  try {
    execSync(command, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    console.error(`${error.stdout}${error.stderr}`);
    console.error(`This failed: ${command}`);
    process.exit(1);
  }
}

if (!existsSync(join(root, "package-lock.json"))) {
  console.error(
    "package-lock.json is missing, which says what to install. Get it back: git checkout package-lock.json",
  );
  process.exit(1);
}
if (!installed()) {
  console.error("Installing packages (once) …");
  run("npm ci --no-audit --no-fund --loglevel=error");
}
for (const name of ["engine", "cloud", "bowline"]) {
  const folder = join(root, "packages", name);
  if (newest(join(folder, "dist")) > newest(join(folder, "src"))) continue;
  console.error(`Building ${name} …`);
  run(`npm run build --silent --workspace packages/${name}`);
}

/** What npm installed is not older than what the lock file asks for. */
function installed() {
  const marker = join(root, "node_modules", ".package-lock.json");
  return (
    existsSync(marker) && statSync(marker).mtimeMs >= statSync(join(root, "package-lock.json")).mtimeMs - 2000
  );
}

/** The latest change in a folder; 0 when it is not there. */
function newest(folder) {
  if (!existsSync(folder)) return 0;
  return Math.max(
    0,
    ...readdirSync(folder, { withFileTypes: true }).map((entry) =>
      entry.isDirectory() ? newest(join(folder, entry.name)) : statSync(join(folder, entry.name)).mtimeMs,
    ),
  );
}
