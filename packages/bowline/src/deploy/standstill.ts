import { waiting, wayOut } from "../link/circle.ts";

/** A program that stands still because of functions is told in their words; what the engine saw stays below. */
export function explainStandstill<D extends { readonly message: string }>(diagnostic: D): D {
  const { message } = diagnostic;
  if (!message.startsWith("the program waits for something that never happens")) return diagnostic;
  const names = [...message.matchAll(/"([^"]+)" \(aws:lambda\/function:Function\)/g)].map(
    ([, name]) => name ?? "",
  );
  if (names.length < 2) return diagnostic;
  return { ...diagnostic, message: `${waiting(names)}.\n  ${wayOut(names.at(-1) ?? "")}\n${message}` };
}
