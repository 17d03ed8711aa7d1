/** Expressions as trees, so that one that shows a difference can be made smaller. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";

export type Phrase = string | Joined;

export interface Joined {
  readonly before: string;
  readonly parts: readonly Phrase[];
  readonly joint: string;
  readonly after: string;
}

export interface Expression {
  readonly phrase: Phrase;
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, AttributeValue>>;
}

export const joined = (joint: string, parts: readonly Phrase[], before = "", after = ""): Joined => ({
  before,
  parts,
  joint,
  after,
});

export function render(phrase: Phrase): string {
  if (typeof phrase === "string") return phrase;
  return phrase.before + phrase.parts.map(render).join(phrase.joint) + phrase.after;
}

/** The text of an expression and the placeholders it uses: AWS refuses those that it does not. */
export function written({ phrase, names, values }: Expression) {
  const text = render(phrase);
  const used = new Set(text.match(/[#:]\w+/g));
  const only = <T>(record: Readonly<Record<string, T>>) => {
    const kept = Object.entries(record).filter(([name]) => used.has(name));
    return kept.length > 0 ? Object.fromEntries(kept) : undefined;
  };
  return { text, ExpressionAttributeNames: only(names), ExpressionAttributeValues: only(values) };
}

/** Every phrase that is one step smaller. Some of them mean nothing: both sides refuse those alike. */
export function* smallerPhrases(phrase: Phrase): Generator<Phrase> {
  if (typeof phrase === "string") return;
  const { parts } = phrase;
  yield* parts;
  for (const [index, part] of parts.entries()) {
    if (parts.length > 1) yield { ...phrase, parts: parts.toSpliced(index, 1) };
    for (const smaller of smallerPhrases(part))
      yield { ...phrase, parts: parts.toSpliced(index, 1, smaller) };
  }
}
