import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import type { PolicyStatement } from "./iam/policy.ts";
import type { Samples } from "./samples.ts";
import type { Credentials } from "./service.ts";
import { startTestCloud } from "./testing.ts";

const contributed: Samples[] = [];
for (const room of readdirSync(import.meta.dirname)) {
  const file = join(import.meta.dirname, room, "samples.ts");
  if (!existsSync(file)) continue;
  const { samples } = (await import(pathToFileURL(file).href)) as { samples: Samples | readonly Samples[] };
  contributed.push(...[samples].flat());
}

const test = await startTestCloud();
afterAll(() => test[Symbol.asyncDispose]());

let count = 0;
async function sessionWith(statements: readonly PolicyStatement[]): Promise<Credentials> {
  return await test.roleWith(statements, `Sample${++count}`);
}

/** The same permission on something else. */
function elsewhere(statement: PolicyStatement): PolicyStatement {
  return { ...statement, Resource: "arn:aws:nowhere:us-east-1:000000000000:other" };
}

describe.each(Object.entries(test.cloud.operations))("%s", (service, implemented) => {
  const sampled = contributed
    .filter((samples) => samples.service === service)
    .flatMap(({ operations }) => operations);
  it("has a sample of every operation, and none of others", () => {
    const missing = implemented.filter((name) => !sampled.includes(name));
    const unknown = sampled.filter((name) => !implemented.includes(name));
    expect({ missing, unknown }).toEqual({ missing: [], unknown: [] });
  });
});

describe.each(contributed)("$service", (samples) => {
  it.concurrent.each(samples.operations)(
    "%s is refused without permission, allowed with the least",
    async (name) => {
      const prepare = () => samples.prepare(test, `sample${++count}`);
      const fixture = await prepare();
      const attempt = async (statements: readonly PolicyStatement[]) => {
        const outcome = await samples.attempt(test, await sessionWith(statements), name, fixture);
        return outcome.kind === "failed" ? `failed with ${outcome.error}` : outcome.kind;
      };
      const least = samples.allow(name, fixture);
      if (samples.open(name)) {
        expect(await attempt([])).toBe("allowed");
        return;
      }
      expect(await attempt([]), "without permission").toBe("denied");
      for (const statement of least) {
        const others = least.filter((other) => other !== statement);
        const what = `${statement.Action} on ${statement.Resource}`;
        if (others.length > 0) expect(await attempt(others), `without ${what}`).toBe("denied");
        if (statement.Resource === "*") continue;
        expect(await attempt([...others, elsewhere(statement)]), `with ${what} elsewhere`).toBe("denied");
      }
      expect(await attempt(least), "with the least").toBe("allowed");
    },
  );
});
