/** Programs that misbehave, by name. */

import * as pulumi from "@pulumi/pulumi";
import type { ChildChannel } from "../../child/serve.ts";
import { Thing } from "../things.ts";

export default function hostile(input: unknown, channel: ChildChannel) {
  const programs: Record<string, () => unknown> = {
    quiet: () => ({ arn: new Thing("thing", { name: "thing" }).arn }),
    talk: () => {
      console.log("hello from the program");
      console.error("and from its stderr");
      const { promise, resolve } = Promise.withResolvers<unknown>();
      channel.onMessage((message) => {
        channel.send({ echo: message });
        resolve(message);
      });
      const timer = setInterval(() => {}, 1000);
      return { said: promise.finally(() => clearInterval(timer)) };
    },
    exit: () => {
      new Thing("thing");
      process.exit(3);
    },
    throw: () => {
      throw new Error("thrown on purpose");
    },
    reject: () => {
      Promise.reject(new Error("rejected on purpose"));
      new Thing("thing");
    },
    throwText: () => {
      throw "a text thrown on purpose";
    },
    throwLater: () => {
      setTimeout(() => {
        throw new Error("thrown in a timer");
      });
      new Thing("thing");
    },
    never: () => new Promise(() => {}),
    circular: () => {
      let resolveFirst: (value: string) => void = () => {};
      const first = new Thing("first", { value: new Promise<string>((resolve) => (resolveFirst = resolve)) });
      const second = new Thing("second", { value: first.arn });
      second.arn.apply(resolveFirst);
    },
    memory: () => {
      const kept: unknown[] = [];
      for (;;) kept.push(new Array(100_000).fill(Math.random()));
    },
    suicide: () => {
      new Thing("thing");
      process.kill(process.pid, "SIGKILL");
    },
    leftOpen: () => {
      setInterval(() => {}, 1000);
      return { arn: new Thing("thing", { name: "thing" }).arn };
    },
    endless: () => {
      new Thing("thing");
      setInterval(() => {}, 1000);
      return new Promise(() => {});
    },
    value: () => ({ value: pulumi.output("x") }),
  };
  const program = programs[String(input)];
  if (!program) throw new Error(`there is no program "${String(input)}"`);
  return program;
}
