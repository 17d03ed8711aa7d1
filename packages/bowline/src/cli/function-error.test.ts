import { expect, test } from "vitest";
import { readableFailure } from "./function-error.ts";

const line = (failure: unknown) =>
  `2026-11-21T20:31:09.983Z\t5889c6e2-80b1-4c3a-95b9-6ce2f2594f89\tERROR\tInvoke Error \t${JSON.stringify(failure)}`;

const OWN = "    at charge (src/pay.ts:7:9)";
const FOREIGN = [
  "    at send (/app/node_modules/@smithy/core/client.js:1:2)",
  "    at process.processTicksAndRejections (node:internal/process/task_queues:104:5)",
  "    at async <anonymous> (/app/node_modules/x.js:3:4)",
  "    at async run (/app/node_modules/y.js:3:4)",
];

test("a failure is what it was, and where in one's own code", () => {
  const failure = {
    errorType: "Declined",
    errorMessage: "no funds",
    code: 51,
    stack: ["Declined: no funds", ...FOREIGN, OWN],
  };
  expect(readableFailure(line(failure))).toBe("Declined: no funds\n    at charge (src/pay.ts:7:9)");
});

test("where none of it is one's own, it is the nearest", () => {
  const failure = {
    errorType: "AccessDenied",
    errorMessage: "not authorized",
    stack: ["AccessDenied", ...FOREIGN],
  };
  expect(readableFailure(line(failure)).split("\n")).toEqual([
    "AccessDenied: not authorized",
    ...FOREIGN.slice(0, 3),
  ]);
});

test.for([
  "started",
  "",
  "2026-11-21T20:31:09.983Z\tid\tINFO\t{}",
  line("no object"),
  line({ errorType: 1, errorMessage: "m", stack: [] }),
  `${line({})} and more`,
])("anything else stays as it is: %s", (text) => {
  expect(readableFailure(text)).toBe(text);
});
