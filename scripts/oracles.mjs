/**
 * Compares us with our oracles: `npm run test:oracles [-- lane…]`. Installs what the lanes need into folders that git
 * ignores, runs one lane after the other, and prints a table. `BOWLINE_ORACLE_CASES=0.1` asks a tenth of the cases.
 */
import { fork, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const oracles = join(root, "bench", "oracles");
const lanes = ["iam", "s3", "dynamodb", "messaging", "filters", "boto3", "conformance", "links"];
/** Only computes: it runs beside the others when there is a core for it. */
const solitary = "iam";

/** The process groups that were started here and still run. */
const running = new Set();
/** What a lane leaves when it is killed is gone with this. */
const temporary = mkdtempSync(join(tmpdir(), "bowline-oracles-"));

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
]) {
  process.on(signal, () => {
    console.error("\nStopped.");
    process.exit(code);
  });
}
process.on("exit", () => {
  for (const { pid } of running) {
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // It has just ended by itself.
    }
  }
  rmSync(temporary, { recursive: true, force: true, maxRetries: 5 });
});

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !lanes.includes(name));
if (unknown.length > 0) {
  console.error(`No lane is named ${unknown.join(", ")}; there are ${lanes.join(", ")}.`);
  process.exit(2);
}
const chosen = lanes.filter((name) => asked.length === 0 || asked.includes(name));

try {
  const rows = await compare();
  printTable(rows);
  process.exitCode = rows.every(({ failure, unexplained }) => !failure && unexplained === 0) ? 0 : 1;
} catch (error) {
  console.error(`The oracles cannot be asked: ${error.message}`);
  process.exitCode = 1;
}
// Moto still runs: the exit ends it.
process.exit();

async function compare() {
  for (const name of chosen) await installPackages(name);
  const env = { ...process.env, TMPDIR: temporary };
  if (chosen.some((name) => name !== solitary)) {
    env.PYTHON = await installPython();
    env.BOWLINE_ORACLE_MOTO = await startMoto(env.PYTHON);
  }
  const beside = chosen.includes(solitary) ? [runLane(solitary, env)] : [];
  if (availableParallelism() === 1) await Promise.all(beside);
  const rows = [];
  for (const name of chosen) if (name !== solitary) rows.push(...(await runLane(name, env)));
  return [...(await Promise.all(beside)).flat(), ...rows];
}

/** Runs a lane to its end and prints what it said; gives a row of the table for each report of it. */
async function runLane(name, env) {
  console.log(`… ${name}`);
  const start = performance.now();
  const child = fork(join(oracles, name, "compare.ts"), [], {
    execArgv: ["--conditions=source"],
    cwd: join(oracles, name),
    env,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    detached: true,
  });
  const reports = [];
  child.on("message", (report) => reports.push(report));
  const { code, output } = await ended(child);
  const seconds = (performance.now() - start) / 1000;
  console.log(`\n== ${name} (${seconds.toFixed(1)} s)\n${output.trim()}\n`);
  const failed = code !== 0 && reports.every(({ unexplained }) => unexplained === 0);
  const rows = reports.map(({ part, ...report }, index) => ({
    name: part ? `${name}: ${part}` : name,
    ...report,
    seconds: index === reports.length - 1 ? seconds : undefined,
  }));
  if (failed || reports.length === 0) rows.push({ name, failure: `did not finish (exit ${code})`, seconds });
  return rows;
}

/** Waits for a process, and everything that it wrote. */
function ended(child) {
  running.add(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      running.delete(child);
      resolve({ code: code ?? signal, output });
    });
  });
}

async function run(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], detached: true, ...options });
  const { code, output } = await ended(child);
  if (code !== 0) throw new Error(output.trim().split("\n").slice(-12).join("\n") || `exit ${code}`);
}

/** A lane's own npm packages, apart from the workspace and its lock file. */
async function installPackages(name) {
  const folder = join(oracles, name);
  const manifest = join(folder, "package.json");
  if (!existsSync(manifest)) return;
  const { dependencies } = JSON.parse(readFileSync(manifest, "utf8"));
  const marker = join(folder, "node_modules", ".package-lock.json");
  if (!dependencies || (existsSync(marker) && statSync(marker).mtimeMs > statSync(manifest).mtimeMs)) return;
  console.log(`Installing the packages of ${name} (once) …`);
  const args = [
    "install",
    "--no-workspaces",
    "--no-package-lock",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
  ];
  try {
    await run("npm", args, { cwd: folder });
  } catch (error) {
    throw new Error(
      `npm could not install what the lane ${name} needs; is its registry reachable?\n${error.message}`,
    );
  }
}

/** A virtual environment with what the lanes need of PyPI; gives its interpreter. */
async function installPython() {
  const requirements = join(oracles, "requirements.txt");
  const folder = join(oracles, ".venv");
  const python = join(folder, "bin", "python");
  const marker = join(folder, "installed");
  const wanted = createHash("sha256").update(readFileSync(requirements)).digest("hex");
  if (existsSync(marker) && readFileSync(marker, "utf8") === wanted) return python;
  const base = process.env.PYTHON ?? "python3";
  console.log("Installing moto, boto3, sst-sdk and pyright (once) …");
  try {
    await run(base, ["-m", "venv", "--clear", folder]);
  } catch (error) {
    throw new Error(
      `${base} makes no virtual environment. They need Python 3.10 or newer with venv; PYTHON names another interpreter.\n${error.message}`,
    );
  }
  try {
    await run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements]);
  } catch (error) {
    throw new Error(`pip could not install requirements.txt; is PyPI reachable?\n${error.message}`);
  }
  writeFileSync(marker, wanted);
  return python;
}

/** Starts moto for all lanes; it ends with us, however we end. */
async function startMoto(python) {
  const child = spawn(python, [join(oracles, "moto_server.py")], {
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  running.add(child);
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    errors = (errors + text).slice(-2000);
  });
  for await (const address of createInterface({ input: child.stdout })) return address;
  throw new Error(`moto does not start:\n${errors}`);
}

function printTable(rows) {
  const count = (number) => number?.toLocaleString("en") ?? "";
  const header = ["lane", "cases", "explained", "unexplained", "seconds"];
  const cells = rows.map(({ name, cases, explained, unexplained, seconds, failure }) => [
    name,
    failure ?? count(cases),
    count(explained),
    count(unexplained),
    seconds?.toFixed(1) ?? "",
  ]);
  const widths = header.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => row[column].length)),
  );
  for (const row of [header, ...cells]) {
    console.log(
      row.map((cell, column) => (column ? cell.padStart(widths[column]) : cell.padEnd(widths[0]))).join("  "),
    );
  }
}
