import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { expect, it, vi } from "vitest";
import type { CloudEvent } from "./events.ts";
import { startTestCloud } from "./testing.ts";

it.each([
  [
    "throws",
    () => {
      throw new Error("a listener's mistake");
    },
  ],
  [
    "rejects",
    async () => {
      throw new Error("a listener's mistake");
    },
  ],
])("a listener that %s fails no request, and is told of once", async (_how, fail) => {
  const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  const heard: CloudEvent[] = [];
  await using test = await startTestCloud({
    onEvent(event) {
      heard.push(event);
      return fail();
    },
  });
  for (let round = 0; round < 2; round++) await test.client(SQSClient).send(new ListQueuesCommand({}));
  await test.client(STSClient).send(new GetCallerIdentityCommand({}));
  expect(heard.filter(({ type }) => type === "audit").length).toBeGreaterThanOrEqual(2);
  const said = warn.mock.calls.filter(([warning]) => String(warning).includes("a listener's mistake"));
  expect(said).toHaveLength(1);
  warn.mockRestore();
});
