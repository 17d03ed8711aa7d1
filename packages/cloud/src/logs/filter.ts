/** Filter patterns over plain text: terms, quoted phrases, `-without` and `?either`. */
import { AwsError } from "../error.ts";

export type MessageFilter = (message: string) => boolean;

export function compileFilter(pattern: string | undefined): MessageFilter {
  const text = pattern?.trim() ?? "";
  if (text === "") return () => true;
  if (/^[{[%]/.test(text)) {
    throw new AwsError(
      "InvalidParameterException",
      "The local cloud knows filter patterns of terms, “phrases”, -without and ?either; JSON, column and regex patterns are not part of it.",
    );
  }
  const all: string[] = [];
  const none: string[] = [];
  const either: string[] = [];
  for (const [, sign, quoted, bare] of text.matchAll(/([-?]?)(?:"((?:[^"\\]|\\.)*)"|(\S+))/g)) {
    const term = quoted?.replace(/\\(.)/g, "$1") ?? bare ?? "";
    (sign === "-" ? none : sign === "?" ? either : all).push(term);
  }
  return (message) =>
    all.every((term) => message.includes(term)) &&
    !none.some((term) => message.includes(term)) &&
    (either.length === 0 || all.length > 0 || either.some((term) => message.includes(term)));
}
