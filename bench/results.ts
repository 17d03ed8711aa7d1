/** `bench/RESULTS.md`: one section a bench, each replaced when that bench is run with `--write`. */
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { fileURLToPath } from "node:url";

export interface Table {
  readonly title: string;
  readonly rows: readonly object[];
}

const file = fileURLToPath(new URL("./RESULTS.md", import.meta.url));

const preface = `# Figures

Medians of one run each, written by \`npm run bench -- NAME --write\`; both sides of a row take turns in the same run on
the same machine. Figures of different machines, or of different sections, do not compare.
`;

/** What the figures of a section were measured with. */
export function machine(): string {
  return `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}, ${process.platform} ${release()}`;
}

/** Replaces a section of the file, or adds it. */
export function writeSection(name: string, versions: string, tables: readonly Table[]): void {
  const sections = new Map<string, string>();
  for (const section of before().split(/^## /m).slice(1)) {
    const end = section.indexOf("\n");
    sections.set(section.slice(0, end), section.slice(end).trim());
  }
  const body = tables.map(({ title, rows }) => `${title}\n\n${markdown(rows)}`).join("\n\n");
  sections.set(name, `${machine()}; ${versions}; ${new Date().toISOString().slice(0, 10)}.\n\n${body}`);
  const text = [...sections]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([title, it]) => `## ${title}\n\n${it}\n`);
  writeFileSync(file, `${preface}\n${text.join("\n")}`);
}

function before(): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** Rows as a table of Markdown. */
function markdown(rows: readonly object[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = rows.map((row) =>
    columns.map((column) => textOf((row as Readonly<Record<string, unknown>>)[column])),
  );
  const lines = [columns, columns.map(() => "---"), ...cells].map((line) => `| ${line.join(" | ")} |`);
  return lines.join("\n");
}

function textOf(value: unknown): string {
  if (typeof value !== "number") return String(value ?? "");
  return Number.isInteger(value) ? String(value) : value.toPrecision(3);
}
