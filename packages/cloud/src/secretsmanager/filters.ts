/** The filters of `ListSecrets` and `BatchGetSecretValue`. */

import { type Input, optionalTexts, structures } from "../protocol/json-input.ts";
import { invalid } from "./errors.ts";
import { text } from "./input.ts";
import type { Secret } from "./model.ts";

type Matches = (secret: Secret, wanted: string) => boolean;

const startsLike = (given: string, wanted: string) => given.toLowerCase().startsWith(wanted.toLowerCase());

const attributes: Readonly<Record<string, Matches>> = {
  name: ({ name }, wanted) => name.startsWith(wanted),
  description: ({ description = "" }, wanted) => startsLike(description, wanted),
  "tag-key": ({ tags }, wanted) => tags.some(({ Key }) => Key.startsWith(wanted)),
  "tag-value": ({ tags }, wanted) => tags.some(({ Value }) => Value.startsWith(wanted)),
  // Nothing is replicated from another region, and nothing is a service's.
  "primary-region": () => false,
  "owning-service": () => false,
  all(secret, wanted) {
    const { name, description = "", tags } = secret;
    const everything = [name, description, ...tags.flatMap(({ Key, Value }) => [Key, Value])];
    const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
    return words.every((word) => everything.some((given) => given.toLowerCase().includes(word)));
  },
};

export function matchesFilters(secret: Secret, input: Input): boolean {
  return structures(input, "Filters").every((filter) => {
    const key = text(filter, "Key");
    const values = optionalTexts(filter, "Values") ?? [];
    const matches = Object.hasOwn(attributes, key) ? attributes[key] : undefined;
    if (!matches || values.length < 1 || values.length > 10) {
      throw invalid(`A filter has 1 to 10 Values and a Key of ${Object.keys(attributes).join(", ")}.`);
    }
    const wanted = values.filter((value) => !value.startsWith("!"));
    const unwanted = values.filter((value) => value.startsWith("!")).map((value) => value.slice(1));
    if (unwanted.some((value) => matches(secret, value))) return false;
    return wanted.length === 0 || wanted.some((value) => matches(secret, value));
  });
}
