import type { WorkersScriptArgs } from "@pulumi/cloudflare/workersScript.js";
import type { ScriptObject } from "../../workers/objects.ts";
import type { Inputs } from "../plain.ts";

type Classes = Readonly<Record<string, string>>;
type Migrations = Inputs<WorkersScriptArgs>["migrations"];

/** What a Worker's classes are kept under when these migrations are made, once or again. */
export function classesAfter(
  script: Pick<ScriptObject, "scriptName" | "bindings">,
  before: ScriptObject | undefined,
  migrations: Migrations,
): Classes {
  const classes = new Map(Object.entries(before ? knownClasses(before) : {}));
  const create = (name: string) => {
    if (!classes.has(name)) classes.set(name, freeKey(`${script.scriptName}-${name}`, classes));
  };
  for (const step of [...(migrations ? [migrations] : []), ...(migrations?.steps ?? [])]) {
    for (const { from = "", to = "" } of step.renamedClasses ?? []) {
      const key = classes.get(from);
      if (key === undefined || classes.has(to)) continue;
      classes.delete(from);
      classes.set(to, key);
    }
    for (const name of step.deletedClasses ?? []) classes.delete(name);
    for (const name of [...(step.newSqliteClasses ?? []), ...(step.newClasses ?? [])]) create(name);
  }
  for (const name of ownClasses(script)) create(name);
  return Object.fromEntries(classes);
}

/** Classes that have objects and are bound no more: Cloudflare asks what is to become of them. */
export function leftBehind(script: Pick<ScriptObject, "bindings">, classes: Classes): string[] {
  const own = new Set(ownClasses(script));
  return Object.keys(classes).filter((name) => !own.has(name));
}

/** Of a Worker that was deployed before classes were kept: what miniflare itself keeps them under. */
function knownClasses(script: ScriptObject): Classes {
  return (
    script.classes ??
    Object.fromEntries(ownClasses(script).map((name) => [name, `${script.scriptName}-${name}`]))
  );
}

function ownClasses({ bindings }: Pick<ScriptObject, "bindings">): string[] {
  return bindings.flatMap(({ type, className, scriptName }) =>
    type === "durable_object_namespace" && scriptName === undefined && className ? [className] : [],
  );
}

function freeKey(wanted: string, classes: ReadonlyMap<string, string>): string {
  const taken = new Set(classes.values());
  for (let n = 1; ; n++) {
    const key = n === 1 ? wanted : `${wanted}-${n}`;
    if (!taken.has(key)) return key;
  }
}
