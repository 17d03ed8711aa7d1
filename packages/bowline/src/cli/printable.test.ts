import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { printable } from "./printable.ts";
import { coloursFor, humanReporter } from "./reporter.ts";

const RED = "\u001b[31m";

test.each([
  ["plain text, tabs and lines stay", "a\tb\nc\r\nd é 🔑", "a\tb\nc\nd é 🔑"],
  ["what moves the cursor is written out", "\u001b[2J\u001b[Hgone", "\\x1b[2J\\x1b[Hgone"],
  [
    "so are titles, bells, NUL, returns and the 8-bit forms",
    "\u001b]0;x\u0007\u0000\r\u009b2J\u007f",
    "\\x1b]0;x\\x07\\x00\\x0d\\x9b2J\\x7f",
  ],
  ["colours are left out where there are none", `${RED}red\u001b[0m`, "red"],
])("%s", (_name, text, shown) => {
  expect(printable(text, false)).toBe(shown);
});

test("colours stay where there are colours, and end with the text", () => {
  expect(printable(`a${RED}b\u001b[2J`, true)).toBe(`a${RED}b\\x1b[2J\u001b[0m`);
  expect(printable("plain", true)).toBe("plain");
});

test("what functions log reaches the terminal without its control bytes", () => {
  let written = "";
  const out = new Writable({
    write(chunk, _encoding, done) {
      written += String(chunk);
      done();
    },
  });
  const reporter = humanReporter(out, out, coloursFor({ isTTY: false }, {}));
  reporter.report({ type: "log", source: "Api", stream: "stdout", message: "\u001b[2J\u0000x" });
  expect(written).toBe("Api  \\x1b[2J\\x00x\n");
});
