/** Lambda: asynchronous invocations end in a success told to one queue, or a failure told to another. */
import { InvokeCommand, PutFunctionEventInvokeConfigCommand } from "@aws-sdk/client-lambda";
import type { Driver, Load } from "../driver.ts";
import { createFunction, type Language } from "../functions.ts";
import type { Order } from "../observer.ts";
import { openInbox } from "./inbox.ts";

interface DestinationRecord {
  readonly requestPayload: { readonly id: string };
}

const ATTEMPTS = 3;
const BACKLOG = 100;

export async function eventsToFunctions(driver: Driver): Promise<Load> {
  const { clients, ledger } = driver;
  const { lambda } = clients;
  const name = "lambda async";
  const idOf = (body: string) => (JSON.parse(body) as DestinationRecord).requestPayload.id;
  const successes = await openInbox(driver, name, "soak-successes", idOf);
  const failures = await openInbox(driver, name, "soak-failures", idOf);
  const isPoison = (id: string) => id.endsWith("!");
  const attempts = new Map<string, number>();

  async function caller(language: Language) {
    const random = driver.random(`async ${language}`);
    const FunctionName = `soak-async-${language}`;
    await createFunction(lambda, driver.observer.url, driver.role, FunctionName, language);
    await lambda.send(
      new PutFunctionEventInvokeConfigCommand({
        FunctionName,
        DestinationConfig: {
          OnSuccess: { Destination: successes.arn },
          OnFailure: { Destination: failures.arn },
        },
      }),
    );
    driver.observer.listen(FunctionName, (event): Order => {
      const { id } = event as { id: string };
      const attempt = (attempts.get(id) ?? 0) + 1;
      attempts.set(id, attempt);
      ledger.count(name, "attempts");
      if (isPoison(id)) {
        // Told of by its failure only once every attempt was made.
        if (attempt >= ATTEMPTS) failures.allow(id);
        return { do: random.pick(["throw", "exit", "kill"]) };
      }
      if (attempt < ATTEMPTS && random.percent(15)) return { do: random.pick(["throw", "exit", "kill"]) };
      successes.allow(id);
      return { do: "answer", answer: id };
    });

    let count = 0;
    return async () => {
      if (successes.missing().length + failures.missing().length > BACKLOG) {
        return void (await new Promise((resolve) => setTimeout(resolve, 50)));
      }
      const id = `${language}-${count++}${random.percent(5) ? "!" : ""}`;
      // On a machine where functions cannot run, any of them may fail for good: then it must come there.
      if (!isPoison(id)) failures.allow(id);
      const outcome = await driver.attempt(name, () =>
        lambda.send(
          new InvokeCommand({
            FunctionName,
            InvocationType: "Event",
            Payload: Buffer.from(JSON.stringify({ id })),
          }),
        ),
      );
      if (outcome.kind === "refused") throw new Error(`invoke refused: ${outcome.code} ${outcome.message}`);
      if (outcome.kind === "unknown") return;
      ledger.count(name, "events acknowledged");
      (isPoison(id) ? failures : successes).expect(id);
    };
  }

  return {
    name,
    workers: [await caller("node"), await caller("python")],
    drains: [
      successes.consume,
      async () => {
        await failures.consume();
        for (const id of successes.expected()) if (failures.came(id)) successes.excuse(id);
      },
    ],
    missing: () => [...successes.missing(), ...failures.missing()],
    async check() {},
  };
}
