import type { PermissionChange } from "../link/words.ts";
import { readableFailure } from "./function-error.ts";
import { printable } from "./printable.ts";

/** What a command tells while it works: to a person, or as NDJSON to a program. */
export type ReportEvent =
  | {
      readonly type: "start";
      readonly command: string;
      readonly version: string;
      readonly stage?: string;
      readonly app?: string;
    }
  | {
      readonly type: "resource";
      readonly operation: string;
      readonly resourceType: string;
      readonly name: string;
      readonly urn: string;
      readonly status: "planned" | "done" | "failed";
      /** The component it is part of. */
      readonly component?: string;
      readonly changed?: readonly string[];
      readonly message?: string;
    }
  | {
      readonly type: "log";
      readonly source: string;
      readonly stream: "stdout" | "stderr";
      readonly message: string;
    }
  | ({ readonly type: "permission" } & Omit<PermissionChange, "words"> & { readonly message: string })
  | { readonly type: "progress"; readonly message: string }
  | {
      readonly type: "warning";
      readonly message: string;
      readonly hint?: string;
      readonly severity?: "error" | "warning" | "notice";
    }
  | { readonly type: "error"; readonly code: string; readonly message: string; readonly hint?: string }
  | {
      readonly type: "summary";
      readonly ok: boolean;
      readonly exitCode: number;
      readonly durationMs: number;
      readonly changes?: Readonly<Record<string, number>>;
      readonly outputs?: Readonly<Record<string, unknown>>;
      readonly message?: string;
    };

export interface Reporter {
  report(event: ReportEvent): void;
  /** A command's own answer, for people only: tables, values. */
  print(text: string): void;
}

/** One JSON object a line. */
export function jsonReporter(out: NodeJS.WritableStream): Reporter {
  return {
    report: (event) => void out.write(`${JSON.stringify({ time: new Date().toISOString(), ...event })}\n`),
    print: () => undefined,
  };
}

/** Lines for people; what is no answer goes to stderr. */
export function humanReporter(
  out: NodeJS.WritableStream,
  err: NodeJS.WritableStream,
  colour: Colours,
): Reporter {
  const line = (text: string) => void err.write(`${text}\n`);
  const told = new Set<string>();
  const shown = (text: string) => printable(text, colour.on);
  return {
    print: (text) => void out.write(`${text}\n`),
    report(event) {
      switch (event.type) {
        case "start":
          return line(
            colour.dim(
              `bowline ${event.version} · ${event.command}${event.stage ? ` · stage ${event.stage}` : ""}`,
            ),
          );
        case "resource":
          return resourceLine(event, line, colour);
        case "log":
          return line(`${colour.cyan(event.source)}  ${shown(readableFailure(event.message))}`);
        case "permission":
          return line(`${event.change === "gains" ? colour.green("▲") : colour.red("▼")} ${event.message}`);
        case "progress":
          return line(colour.dim(`${event.message} …`));
        case "warning":
          if (told.has(event.message)) return;
          told.add(event.message);
          return line(`${colour.yellow("!")} ${shown(withHint(event))}`);
        case "error":
          return line(`${colour.red("✗")} ${shown(withHint(event))}`);
        case "summary":
          return summaryLines(event, line, colour);
      }
    },
  };
}

function withHint({ message, hint }: { readonly message: string; readonly hint?: string }): string {
  return hint ? `${message}\n  ${hint}` : message;
}

const SIGNS: Readonly<Record<string, string>> = {
  create: "+",
  update: "~",
  replace: "±",
  delete: "-",
  read: "=",
  refresh: "=",
};
const DONE: Readonly<Record<string, string>> = {
  create: "created",
  update: "updated",
  replace: "replaced",
  delete: "deleted",
};

/** A component that comes or goes is one line, without its parts; one that changes is told by what changed in it. */
function resourceLine(
  event: Extract<ReportEvent, { type: "resource" }>,
  line: (text: string) => void,
  colour: Colours,
): void {
  const comesOrGoes = event.operation === "create" || event.operation === "delete";
  if (event.component !== undefined && comesOrGoes && event.status !== "failed") return;
  const name = event.component ?? event.name;
  const what = `${name.padEnd(20)} ${colour.dim(shortType(event.resourceType))}`;
  if (event.status === "failed") {
    line(`${colour.red("✗")} ${what}  ${event.message ?? "failed"}`);
    return;
  }
  const sign = SIGNS[event.operation] ?? "?";
  const paint =
    event.operation === "delete" ? colour.red : event.operation === "create" ? colour.green : colour.yellow;
  const changed =
    event.changed && event.changed.length > 0 ? colour.dim(`  ${event.changed.join(", ")}`) : "";
  line(`${paint(sign)} ${what}${changed}`);
}

/** `bowline:aws:Bucket` is aws.Bucket, `aws:s3/bucket:Bucket` is aws.s3.Bucket. */
function shortType(type: string): string {
  const [pkg = "", module = "", name = ""] = type.split(":");
  if (pkg === "bowline") return module === "index" ? name : `${module}.${name}`;
  const [namespace = ""] = module.split("/");
  return [pkg, namespace === "index" ? "" : namespace, name].filter((part) => part).join(".");
}

function summaryLines(
  event: Extract<ReportEvent, { type: "summary" }>,
  line: (text: string) => void,
  colour: Colours,
): void {
  if (event.ok && event.message !== "") {
    const counts = Object.entries(event.changes ?? {}).filter(([operation]) => DONE[operation]);
    const done =
      counts.map(([operation, count]) => `${resources(count)} ${DONE[operation]}`).join(", ") ||
      "nothing changed";
    line(`${colour.green("✓")} ${event.message ?? done} ${colour.dim(`in ${duration(event.durationMs)}`)}`);
  }
  for (const [name, value] of Object.entries(event.outputs ?? {})) {
    line(`  ${colour.dim(`${name}:`)} ${typeof value === "string" ? value : JSON.stringify(value)}`);
  }
}

/** Components are told as one line and counted with all their parts, so it is said what is counted. */
export function resources(count: number): string {
  return `${count} ${count === 1 ? "resource" : "resources"}`;
}

function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

export type Colours = Readonly<
  Record<"dim" | "red" | "green" | "yellow" | "cyan" | "bold", (text: string) => string>
> & { readonly on: boolean };

/** As `NO_COLOR`, `FORCE_COLOR` and the terminal ask for. */
export function coloursFor(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): Colours {
  const on = env.NO_COLOR ? false : env.FORCE_COLOR ? true : stream.isTTY === true;
  const paint = (open: number, close: number) => (text: string) =>
    on ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return {
    on,
    dim: paint(2, 22),
    bold: paint(1, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    cyan: paint(36, 39),
  };
}
