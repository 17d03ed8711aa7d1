/** Lambda: synchronous invocations of functions that answer, throw, run out of time, exit and kill themselves. */
import { InvokeCommand } from "@aws-sdk/client-lambda";
import type { Driver, Load } from "../driver.ts";
import { createFunction, type Language } from "../functions.ts";

const ORDERS = ["answer", "answer", "answer", "answer", "throw", "exit", "kill", "hang"] as const;

/** What the caller must be told. */
const ERRORS: Readonly<Record<string, RegExp>> = {
  throw: /told to throw/,
  exit: /Runtime exited with error: exit status 3/,
  kill: /Runtime exited with error: signal: killed/,
  hang: /Task timed out after \d+\.00 seconds/,
};

export async function invocations(driver: Driver): Promise<Load> {
  const { clients, ledger } = driver;
  const { lambda } = clients;
  const name = "lambda";
  const languages: readonly Language[] = ["node", "python"];
  for (const language of languages) {
    const make = (FunctionName: string, Timeout: number) =>
      createFunction(lambda, driver.observer.url, driver.role, FunctionName, language, { Timeout });
    await make(`soak-${language}`, 60);
    // Only what is to hang gets little time: on a busy machine others may need theirs.
    await make(`soak-${language}-hang`, 1);
  }

  function caller(language: Language) {
    const random = driver.random(`invocations ${language}`);
    let count = 0;
    return async () => {
      const order = random.pick(ORDERS);
      const answer = `${language} ${count++}`;
      const FunctionName = order === "hang" ? `soak-${language}-hang` : `soak-${language}`;
      const outcome = await driver.attempt(name, async () => {
        const { FunctionError, Payload } = await lambda.send(
          new InvokeCommand({
            FunctionName,
            Payload: Buffer.from(JSON.stringify({ order: { do: order, answer } })),
          }),
        );
        return { FunctionError, text: Buffer.from(Payload ?? []).toString() };
      });
      if (outcome.kind === "refused") throw new Error(`invoke refused: ${outcome.code} ${outcome.message}`);
      if (outcome.kind === "unknown") return;
      const { FunctionError, text } = outcome.value;
      // The machine is too busy to start an interpreter: nothing to hold against the cloud.
      if (/The handler did not load within/.test(text)) return ledger.count(name, "not loaded in time");
      const expected = ERRORS[order];
      ledger.count(name, expected ? `told of ${order}` : "answered");
      const right = expected
        ? FunctionError !== undefined && expected.test(text)
        : FunctionError === undefined && text === JSON.stringify(answer);
      if (!right) ledger.violation(name, `${order} of ${language} was answered ${FunctionError}: ${text}`);
    };
  }

  return {
    name,
    workers: languages.map(caller),
    missing: () => [],
    async check() {},
  };
}
