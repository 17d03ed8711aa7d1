import { describe, expect, it } from "vitest";
import { AwsError } from "../error.ts";
import { childOf, flat, listOf, parseXml, textOf, xml } from "./rest-xml.ts";

describe("writing XML", () => {
  it("writes lists, flat lists, maps, dates and attributes", () => {
    const text = xml(
      "Root",
      {
        A: ["x", "y"],
        B: flat([{ C: 1 }, { C: 2 }]),
        M: new Map([["k", "v"]]),
        D: new Date(0),
        E: { "@t": "u" },
        N: undefined,
      },
      { xmlns: "urn:x" },
    );
    expect(text).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<Root xmlns="urn:x"><A><member>x</member><member>y</member></A>' +
        "<B><C>1</C></B><B><C>2</C></B><M><entry><key>k</key><value>v</value></entry></M>" +
        '<D>1970-01-01T00:00:00.000Z</D><E t="u"></E></Root>',
    );
  });

  it("reads back what it wrote, hostile characters included", () => {
    const nasty = `<a>&"' \r\n\t\u0001 ]]> é`;
    expect(parseXml(xml("R", { V: nasty }))).toEqual({ R: { V: nasty } });
  });
});

describe("reading XML", () => {
  it("keeps white space of a value and drops that between elements", () => {
    const root = childOf(parseXml("<D>\n  <Key> a </Key>\n  <Key>b</Key>\n</D>"), "D");
    expect(listOf(root?.Key)).toEqual([" a ", "b"]);
    expect(textOf(childOf(parseXml("<D><E/><F>1</F></D>"), "D"), "F")).toBe("1");
  });

  it.each([
    '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
    "<a><b></a>",
    "",
    "not xml",
    `${"<a>".repeat(200)}${"</a>".repeat(200)}`,
  ])("refuses %j", (text) => {
    expect(() => parseXml(text)).toThrow(AwsError);
  });
});
