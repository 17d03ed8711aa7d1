import { BowlineError } from "../../error.ts";
import { type BindingKind, bindingKinds } from "../../link/binding.ts";
import { partsOf } from "../../link/binding-parts.ts";
import { collectLinks } from "../../link/linkable.ts";
import { VARIABLE_PREFIX } from "../../link/payload.ts";
import type { ScriptBinding } from "./script-binding.ts";

/** Where the SDK in the Worker finds what the names of bindings cannot say. */
export const PATHS = "BOWLINE_BINDINGS";

/** What can be known to collide before anything is deployed. */
export function checkNames(
  consumer: string,
  items: unknown,
  environment: Readonly<Record<string, unknown>>,
  own: readonly ScriptBinding[],
): void {
  const { links } = collectLinks(
    consumer,
    Array.isArray(items) ? items.filter((item) => typeof item !== "function") : items,
  );
  const names = new Map<string, string>([["App", "the app's name and stage"]]);
  const claim = (name: string, what: string) => {
    const before = names.get(name);
    if (before !== undefined && before !== what) {
      throw new BowlineError(
        "binding-collision",
        `${consumer}: env.${name} would be ${before} and ${what}.`,
        {
          hint: "Rename one of them.",
        },
      );
    }
    names.set(name, what);
  };
  for (const link of links) {
    claim(link.name, `the link ${link.name}`);
    for (const { part, binding } of partsOf(consumer, {
      name: link.name,
      bindings: link.include.filter((item) => item.kind === "binding"),
    })) {
      const methods: readonly string[] =
        part === undefined ? bindingKinds[binding.type as BindingKind].methods : [];
      const hidden = Object.keys(link.properties).find((property) => methods.includes(property));
      const twice = part !== undefined && Object.hasOwn(link.properties, part) ? part : undefined;
      if (hidden === undefined && twice === undefined) continue;
      throw new BowlineError(
        "bad-property",
        hidden !== undefined
          ? `${consumer}: the property "${hidden}" of the link ${link.name} would hide the method of its binding.`
          : `${consumer}: the link ${link.name} has a property and a binding called "${twice}".`,
        { hint: "Rename the property." },
      );
    }
  }
  for (const binding of own) claim(String(binding.name), "a binding of the Worker's own");
  for (const variable of Object.keys(environment)) {
    if (variable.startsWith(VARIABLE_PREFIX) || variable === PATHS || !/^[A-Za-z_$][\w$]*$/.test(variable)) {
      throw new BowlineError(
        "reserved-variable",
        `${consumer}: ${variable} cannot be a variable of a Worker.`,
        {
          hint: variable.startsWith(VARIABLE_PREFIX)
            ? "It belongs to links: link a resource to set it, or use another name."
            : "Use letters, digits and _, and begin with a letter.",
        },
      );
    }
    claim(variable, "a variable of its environment");
  }
}
