/** A provider whose things are files: they outlive the process that made them. Doing anything twice is an error. */

import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Properties, Provider, ResourceHandler } from "../provider.ts";

export function fileProvider(folder: string, delayMs: number): Provider {
  mkdirSync(folder, { recursive: true });
  const place = (id: string) => join(folder, `${encodeURIComponent(id)}.json`);
  const log = (line: string) => appendFileSync(join(folder, "log"), `${line}\n`);

  function write(id: string, properties: Properties): void {
    writeFileSync(`${place(id)}.new`, JSON.stringify(properties));
    renameSync(`${place(id)}.new`, place(id));
  }

  function read(id: string): Properties | undefined {
    return existsSync(place(id)) ? (JSON.parse(readFileSync(place(id), "utf8")) as Properties) : undefined;
  }

  const handler: ResourceHandler = {
    replaceOn: ["name", "zone"],
    check(context, olds, news) {
      const seed = Buffer.from(context.randomSeed).toString("hex").slice(0, 8);
      return { inputs: { ...news, name: news.name ?? olds?.name ?? `${context.name}-${seed}` } };
    },
    async create(_context, inputs) {
      const id = String(inputs.name);
      await delay(delayMs / 2);
      if (read(id)) throw new Error(`${id} was created twice`);
      write(id, inputs);
      log(`create ${id}`);
      await delay(delayMs / 2);
      return { id, outputs: { ...inputs, arn: `arn:test:${id}` } };
    },
    async update(_context, id, _oldInputs, _oldOutputs, newInputs) {
      await delay(delayMs / 2);
      if (!read(id)) throw new Error(`${id} does not exist`);
      write(id, newInputs);
      await delay(delayMs / 2);
      return { outputs: { ...newInputs, arn: `arn:test:${id}` } };
    },
    async delete(_context, id) {
      await delay(delayMs / 2);
      rmSync(place(id), { force: true });
      log(`delete ${id}`);
      await delay(delayMs / 2);
    },
    read(_context, id, inputs) {
      const found = read(id);
      return found ? { id, inputs, outputs: { ...found, arn: `arn:test:${id}` } } : {};
    },
    recover(_context, inputs) {
      const id = String(inputs.name);
      const found = read(id);
      return found && { id, outputs: { ...found, arn: `arn:test:${id}` } };
    },
  };
  return {
    name: "test",
    version: "1.0.0",
    resource: (type) => (type.startsWith("test:index:") ? handler : undefined),
  };
}
