/** Reading the inputs of Secrets Manager. */
import { randomUUID } from "node:crypto";
import { AwsError } from "../error.ts";
import { type Input, optionalText, optionalWhole, pageFrom, structures } from "../protocol/json-input.ts";
import { invalid } from "./errors.ts";

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

const mostTags = 50;

export function text(input: Input, name: string): string {
  const value = optionalText(input, name);
  if (!value) throw invalid(`The parameter ${name} must not be empty.`);
  return value;
}

export function optionalInteger(input: Input, name: string, least: number, most: number): number | undefined {
  const value = optionalWhole(input, name);
  if (value !== undefined && (value < least || value > most))
    throw invalid(`${name} must be between ${least} and ${most}.`);
  return value;
}

export function tagsIn(input: Input): readonly Tag[] {
  return structures(input, "Tags").map((tag) => {
    const Key = text(tag, "Key");
    const Value = optionalText(tag, "Value") ?? "";
    if (Key.length > 128 || Value.length > 256 || Key.startsWith("aws:")) {
      throw invalid(`The tag ${Key.slice(0, 128)} is not valid.`);
    }
    return { Key, Value };
  });
}

/** New tags over old ones. */
export function mergeTags(old: readonly Tag[], added: readonly Tag[]): readonly Tag[] {
  const merged = new Map([...old, ...added].map((tag) => [tag.Key, tag]));
  if (merged.size > mostTags) {
    throw new AwsError("LimitExceededException", `A secret has at most ${mostTags} tags.`);
  }
  return [...merged.values()];
}

/** What becomes the id of a new version, so that a repeated request makes one only. */
export function tokenIn(input: Input): string {
  const token = optionalText(input, "ClientRequestToken") ?? randomUUID();
  if (token.length < 32 || token.length > 64)
    throw invalid("ClientRequestToken must be 32-64 characters long.");
  return token;
}

/** One page of a list; the token is the position it goes on from. */
export function page<T>(input: Input, all: readonly T[], usual: number, most: number) {
  const size = optionalInteger(input, "MaxResults", 1, most) ?? usual;
  const found = pageFrom(all, optionalText(input, "NextToken"), size);
  if (!found)
    throw new AwsError("InvalidNextTokenException", "The NextToken is not one that this cloud gave.");
  return { items: found.items, NextToken: found.next };
}
