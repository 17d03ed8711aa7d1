import { posix } from "node:path";
import { all, type Output, output } from "@pulumi/pulumi";
import { type Artifact, storeFiles } from "../../build/artifact.ts";
import type { BuildRequest } from "../../build/request.ts";
import type { App } from "../../config/app.ts";
import { typedConsumer } from "../../types/collect.ts";
import { type PythonDialect, pythonResources, pythonResourcesFile } from "../../types/python-resources.ts";
import type { ConsumerArgs } from "../consumer.ts";
import { declaredLinks } from "../late-links.ts";

export interface PythonArgs {
  /**
   * What the typed module beside the handler is: `bowline_resources.py`, or Stelvio's `stlv_resources.py` together with
   * its `STLV_…` variables. Default `"bowline"`.
   */
  readonly resources?: PythonDialect;
}

/** The typed module of a Python function's own links, by its path in the package; nothing for other functions. */
export function pythonModule(
  app: App,
  request: BuildRequest,
  args: ConsumerArgs & { readonly python?: PythonArgs },
  built: Output<Pick<Artifact, "handler">>,
): Output<Record<string, string>> {
  if (!request.runtime.startsWith("python") || app.purpose !== "deploy")
    return output<Record<string, string>>({});
  const dialect = pythonDialect(app, args);
  const typed = declaredLinks(app, args.link).then((link) =>
    typedConsumer({ name: request.consumer, ...request }, link),
  );
  return all([built.handler, output(typed)]).apply(([handler, consumer]) => {
    const file = pythonResourcesFile(dialect);
    const text = Buffer.from(pythonResources(consumer, dialect));
    // Lambda imports from the package's root; beside the handler it is for `from .stlv_resources import …`.
    const paths = [file, posix.join(posix.dirname(handler), file)];
    return storeFiles(app.artifacts, new Map(paths.map((path) => [path, text])));
  });
}

/** As the function says, else the app. */
export function pythonDialect(app: App, args: { readonly python?: PythonArgs }): PythonDialect {
  return args.python?.resources ?? app.python;
}
