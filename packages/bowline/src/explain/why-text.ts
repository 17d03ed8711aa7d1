import type { Reason, Why } from "./why.ts";

/** The answer for people. */
export function whyText({ consumer, resource, action, allowed, reasons, hint, note }: Why): string {
  const head =
    action === undefined
      ? reasons.length > 0
        ? `What ${consumer} may do on ${resource}:`
        : `${consumer} may do nothing on ${resource}.`
      : `${consumer} ${allowed ? "may" : "may not"} ${action} on ${resource}`;
  return [head, ...reasons.map(reasonText), ...(hint ? [`  ${hint}`] : []), ...(note ? [note] : [])].join(
    "\n",
  );
}

function reasonText({ effect, actions, resources, conditions, policy, statement, from }: Reason): string {
  const verb = effect === "Allow" ? "allowed" : "denied";
  const list = (title: string, values: readonly string[]) =>
    values.map((value, index) => `    ${(index === 0 ? title : "").padEnd(8)}${value}`);
  return [
    `  ${verb} by ${from.join(" and ")}: statement ${statement} of the ${policy.kind} policy ${policy.name}`,
    ...list("actions", wrapped(actions)),
    ...list("on", resources),
    ...list("when", conditions ? conditionLines(conditions) : []),
  ].join("\n");
}

/** A few names a line. */
function wrapped(names: readonly string[]): string[] {
  const lines: string[] = [];
  for (const name of names) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + name.length < 90) lines[lines.length - 1] = `${last}, ${name}`;
    else lines.push(name);
  }
  return lines;
}

function conditionLines(conditions: NonNullable<Reason["conditions"]>): string[] {
  return Object.entries(conditions).flatMap(([test, keys]) =>
    Object.entries(keys).map(([key, values]) => `${test} ${key}: ${[values].flat().join(", ")}`),
  );
}
