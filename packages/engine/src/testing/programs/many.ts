/** Many resources that depend on one another in chains of ten. */

import type * as pulumi from "@pulumi/pulumi";
import { Thing } from "../things.ts";

export interface ManyInput {
  readonly count: number;
  readonly version: number;
}

export default function many(input: unknown) {
  const { count, version } = input as ManyInput;
  return () => {
    let previous: pulumi.Output<string> | undefined;
    for (let index = 0; index < count; index++) {
      // Another version changes some, replaces some, drops some.
      const changed = index % 3 === 0 ? version : 0;
      const zone = index % 5 === 0 ? `zone-${version}` : "zone";
      if (index % 7 === 6 && version % 2 === 1) continue;
      const chained = index % 10 === 0 ? "start" : (previous ?? "start");
      const thing = new Thing(`thing-${index}`, { value: { changed, chained }, zone });
      previous = thing.arn;
    }
    return { count };
  };
}
