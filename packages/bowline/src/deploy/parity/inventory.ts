/** Everything a local cloud holds: what is there twice, or was left behind, shows whatever service it is of. */

import { copyFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { normalText } from "./normal.ts";

/** What comes and goes by itself, or is a record of what happened. */
const PASSING =
  /^(audit|logs|lock|dynamodb\.streams$)\b|\.(sqlite_\w+|outbox|completions|async_invocations|checkpoints|dedup|transaction_tokens|record|stream_records|attempt|publication)$/;

/** The rows of each table, without what is of the moment or random. */
export function inventoryOf(cloudFolder: string): Record<string, string[]> {
  const tables: Record<string, string[]> = {};
  // The cloud keeps its databases to itself while it is up.
  const copy = mkdtempSync(join(tmpdir(), "bowline-inventory-"));
  try {
    const files = readdirSync(cloudFolder).filter((name) => /\.db(-wal)?$/.test(name));
    for (const name of files) copyFileSync(join(cloudFolder, name), join(copy, name));
    for (const name of files.filter((file) => file.endsWith(".db"))) {
      const database = new DatabaseSync(join(copy, name));
      for (const [table, rows] of rowsOf(database)) {
        const whole = `${name.replace(/\.db$/, "")}.${table}`;
        if (rows.length > 0 && !PASSING.test(whole)) tables[whole] = rows.map(shapeOf).sort();
      }
      database.close();
    }
  } finally {
    rmSync(copy, { recursive: true });
  }
  return tables;
}

function rowsOf(database: DatabaseSync): [string, unknown[]][] {
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  return tables.map(({ name }) => [String(name), database.prepare(`SELECT * FROM "${name}"`).all()]);
}

/** Which members there are, whatever they say: what is there twice is one more. */
function shapeOf(row: unknown): string {
  return JSON.stringify(shape(row));
}

function shape(value: unknown): unknown {
  if (value instanceof Uint8Array) return "(bytes)";
  // In which order things were made is nobody's concern.
  if (Array.isArray(value)) return value.map((item) => JSON.stringify(shape(item))).sort();
  if (typeof value === "string") return shapeOfText(value);
  if (typeof value !== "object" || value === null) return typeof value;
  const entries = Object.entries(value).map(([key, inner]) => [normalText(key), shape(inner)]);
  return Object.fromEntries(entries.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
}

function shapeOfText(text: string): unknown {
  if (!/^[{[]/.test(text)) return "string";
  try {
    return shape(JSON.parse(text));
  } catch {
    return "string";
  }
}
