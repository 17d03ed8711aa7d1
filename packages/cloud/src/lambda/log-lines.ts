/** Cuts what a process writes into lines. */
import { StringDecoder } from "node:string_decoder";

const LONGEST_LINE = 262_144;

export interface LineSplitter {
  write(chunk: Buffer): void;
  /** Gives out a last line that has no newline yet. */
  flush(): void;
}

export function lineSplitter(onLine: (line: string) => void): LineSplitter {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  return {
    write(chunk) {
      const lines = (rest + decoder.write(chunk)).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) onLine(line.endsWith("\r") ? line.slice(0, -1) : line);
      if (rest.length > LONGEST_LINE) {
        onLine(rest);
        rest = "";
      }
    },
    flush() {
      if (rest === "") return;
      const line = rest;
      rest = "";
      onLine(line);
    },
  };
}
