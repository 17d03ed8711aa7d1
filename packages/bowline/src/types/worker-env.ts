import { posix } from "node:path";
import { sortedEntries, type TypedBinding, type TypedConsumer } from "./input.ts";

/** What a binding is in TypeScript, in a file of this folder: `R2Bucket`, or a namespace of the user's own class. */
export function bindingType({ typescript, of }: TypedBinding, folder = ""): string {
  if (!of) return typescript;
  const path = posix.relative(folder.replaceAll("\\", "/"), of.module.replaceAll("\\", "/"));
  const module = JSON.stringify(
    (path.startsWith(".") ? path : `./${path}`).replace(/(\.([cm]?)tsx?|\.([cm]?)jsx?)?$/, ".$2$3js"),
  );
  const exported = `import(${module}).${of.name}`;
  // A class is the type of what calls reach; a handler without one is known by its value.
  return typescript === "Service" ? `Service<typeof ${exported}>` : `${typescript}<${exported}>`;
}

/** The interface that says what the `env` of each Worker holds; nothing where there is no Worker. */
export function workerEnvs(consumers: readonly TypedConsumer[], folder = ""): string {
  const workers = consumers
    .filter(({ runtime }) => runtime === "workerd")
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  if (workers.length === 0) return "";
  const envs = workers.map(({ name, env = {} }) => {
    const own = sortedEntries(env).map(
      ([key, binding]) => `      ${key}: ${bindingType(binding, folder)};\n`,
    );
    return `    ${JSON.stringify(name).replace(/^"([A-Za-z_$][\w$]*)"$/, "$1")}: Consumers[${JSON.stringify(name)}] & {\n      readonly App: App;\n${own.join("")}    };\n`;
  });
  return `\n  interface Envs {\n${envs.join("")}  }\n`;
}
