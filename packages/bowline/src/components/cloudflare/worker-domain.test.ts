import { expect, test } from "vitest";
import { checkDomain, zoneFor } from "./worker-domain.ts";

const ZONES = [
  { id: "1", name: "example.com" },
  { id: "2", name: "shop.example.com" },
  { id: "3", name: "ample.com" },
];

test.each([
  ["example.com", undefined, "1"],
  ["api.example.com", undefined, "1"],
  ["api.shop.example.com", undefined, "2"],
  ["api.shop.example.com", "example.com", "1"],
])("%s (zone %s) is in zone %s", (hostname, asked, zone) => {
  expect(zoneFor("Api", hostname, asked, ZONES)).toBe(zone);
});

test("a host in no zone is told, with those there are", () => {
  expect(() => zoneFor("Api", "api.other.org", undefined, ZONES)).toThrow(
    "Api: the account has no zone that api.other.org is in.",
  );
});

test.each(["https://example.com", "example.com/path", "localhost", "a b.com", ""])(
  "%j is no host name",
  (domain) => {
    expect(() => checkDomain("Api", domain)).toThrow(`Api: the domain is ${JSON.stringify(domain)}.`);
    expect(() => checkDomain("Api", { name: "api.example.com", zone: "example.com" })).not.toThrow();
  },
);
