import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { relative, resolve } from "node:path";
import type { Readable } from "node:stream";
import { LOG_MARK } from "../build/log-mark.ts";

export interface WorkerLine {
  /** The Worker's name in the app; undefined for what the runtime itself says. */
  readonly worker: string | undefined;
  readonly stream: "stdout" | "stderr";
  readonly line: string;
}

/**
 * Follows what the runtime writes. Workers begin what they log with a mark (see the build's prelude);
 * lines without one belong to what was said before.
 */
export function followLog(
  stream: Readable,
  streamName: WorkerLine["stream"],
  tell: (line: WorkerLine) => void,
): void {
  let rest = "";
  let worker: string | undefined;
  const told = (text: string) => {
    const [before, name, ...said] = text.split(LOG_MARK);
    const marked = before === "" && name !== undefined;
    if (marked) worker = name;
    else if (text.startsWith("Uncaught ") || text.startsWith("workerd/")) worker = undefined;
    // The handler itself told of what it threw; the runtime's own addresses help nobody.
    if (/^stack: \S|server\.c\+\+:\d+: error: Uncaught exception: /.test(text)) return;
    tell({ worker, stream: streamName, line: marked ? said.join(LOG_MARK).replace(/^ /, "") : text });
  };
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") told(line);
  });
  stream.on("end", () => {
    if (rest !== "") told(rest);
  });
}

/** Positions in a Worker's bundle, told as positions in the user's own files. */
export function inSource(line: string, root: string, bundle: string | undefined): string {
  return line.replace(
    /(?:file:\/\/)?[^\s()]*worker\.mjs:(\d+):(\d+)/g,
    (place, row: string, column: string) => {
      const entry = bundle && sourceMapOf(bundle)?.findEntry(Number(row) - 1, Number(column) - 1);
      if (!entry || !("originalSource" in entry)) return place;
      // The bundle was made as if it lay in the app's folder.
      const file = resolve(root, decodeURIComponent(entry.originalSource));
      return `${relative(root, file)}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
    },
  );
}

function sourceMapOf(bundle: string): SourceMap | undefined {
  try {
    return new SourceMap(
      JSON.parse(readFileSync(`${bundle}.map`, "utf8")) as ConstructorParameters<typeof SourceMap>[0],
    );
  } catch {
    return undefined;
  }
}
