/** Lists in pages of a hundred. */
import { invalid } from "./errors.ts";
import { type Input, text } from "./input.ts";

const size = 100;

export function page<T>(
  all: readonly T[],
  input: Input,
): { items: readonly T[]; NextToken: string | undefined } {
  const token = text(input, "NextToken");
  const start = token ? Number(Buffer.from(token, "base64url").toString()) : 0;
  if (!Number.isInteger(start) || start < 0) throw invalid("NextToken");
  const end = start + size;
  return {
    items: all.slice(start, end),
    NextToken: end < all.length ? Buffer.from(String(end)).toString("base64url") : undefined,
  };
}
