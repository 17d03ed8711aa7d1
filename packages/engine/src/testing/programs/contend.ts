/** One of many processes that deploy the same stage: adds to a counter that lives in the stage's own state. */

import { appendFileSync } from "node:fs";
import { Thing } from "../things.ts";

export default function contend(input: unknown) {
  const { journal, name } = input as { journal: string; name: string };
  return async () => {
    appendFileSync(journal, `enter ${name}\n`);
    const thing = new Thing("shared", { name: "shared", value: name });
    await new Promise((resolve) => thing.arn.apply(resolve));
    appendFileSync(journal, `leave ${name}\n`);
  };
}
