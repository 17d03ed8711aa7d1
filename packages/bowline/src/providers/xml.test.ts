import { expect, test } from "vitest";
import { parseXml, toXml } from "./xml.ts";

test("what is written reads back, whatever it holds", () => {
  const text = toXml({ Rule: [{ ID: `<a> & "b"`, Days: 3, Left: undefined }, { ID: "c" }], Empty: {} });
  expect(text).toContain("<Empty></Empty>");
  const rules = parseXml(`<R>${text}</R>`).at("R").all("Rule");
  expect(rules.map((rule) => rule.at("ID").text)).toEqual([`<a> & "b"`, "c"]);
  expect(rules[0]?.at("Days").text).toBe("3");
  expect(rules[0]?.at("Left").text).toBeUndefined();
});

test("a missing place reads as empty", () => {
  expect(parseXml("").at("a").at("b").all("c")).toEqual([]);
  expect(parseXml("not xml at all <").at("a").text).toBeUndefined();
});
