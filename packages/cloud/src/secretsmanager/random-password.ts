/** Passwords that meet a request's rules. */
import { randomInt } from "node:crypto";
import { type Input, optionalText } from "../protocol/json-input.ts";
import { invalid } from "./errors.ts";
import { optionalInteger } from "./input.ts";

const kinds = {
  ExcludeLowercase: "abcdefghijklmnopqrstuvwxyz",
  ExcludeUppercase: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  ExcludeNumbers: "0123456789",
  ExcludePunctuation: "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
} as const;

const pick = (characters: string) => characters[randomInt(characters.length)] ?? "";

export function randomPassword(input: Input): string {
  const length = optionalInteger(input, "PasswordLength", 1, 4096) ?? 32;
  const excluded = optionalText(input, "ExcludeCharacters") ?? "";
  const without = (characters: string) => [...characters].filter((each) => !excluded.includes(each)).join("");
  const allowed = Object.entries(kinds)
    .filter(([name]) => input[name] !== true)
    .map(([, characters]) => without(characters));
  if (input.IncludeSpace === true) allowed.push(without(" "));
  const required = input.RequireEachIncludedType === false ? [] : allowed;
  if (allowed.join("") === "" || required.includes("")) {
    throw invalid("The exclusions leave a required type without characters.");
  }
  if (required.length > length) {
    throw invalid(`A password of ${length} characters has no room for one of each required type.`);
  }
  const password = required.map(pick);
  while (password.length < length) password.push(pick(allowed.join("")));
  // The required ones came first: every order is as likely as any other.
  for (let last = password.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [password[last], password[other]] = [password[other] ?? "", password[last] ?? ""];
  }
  return password.join("");
}
