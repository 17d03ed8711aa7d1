import { BowlineError } from "../error.ts";

/** What must be there before a consumer can be made. */
export interface Needs {
  readonly consumer: string;
  /** Whether its name and ARN are known before it is there. */
  readonly early: boolean;
  readonly links: readonly { readonly name: string; readonly url: boolean }[];
}

/** The first circle of consumers none of which can be made before the next: each name once, in order. */
export function findCircle(all: readonly Needs[]): string[] | undefined {
  const known = new Map(all.map((needs) => [needs.consumer, needs]));
  const done = new Set<string>();
  const visit = (needs: Needs, path: readonly string[]): string[] | undefined => {
    const before = path.indexOf(needs.consumer);
    if (before >= 0) return fromFirst(path.slice(before));
    if (done.has(needs.consumer)) return undefined;
    for (const link of needs.links) {
      const target = known.get(link.name);
      if (!target || (target.early && !link.url)) continue;
      const circle = visit(target, [...path, needs.consumer]);
      if (circle) return circle;
    }
    done.add(needs.consumer);
    return undefined;
  };
  for (const needs of all) {
    const circle = visit(needs, []);
    if (circle) return circle;
  }
  return undefined;
}

/** The same circle, begun at the name that sorts first: however it was found, it is told alike. */
function fromFirst(circle: readonly string[]): string[] {
  const start = circle.indexOf(circle.toSorted()[0] ?? "");
  return [...circle.slice(start), ...circle.slice(0, start)];
}

export function circular(names: readonly string[]): BowlineError {
  return new BowlineError("circular-links", `${waiting(names)}: none can be made before the other.`, {
    hint: wayOut(names.at(-1) ?? ""),
  });
}

/** `Ping and Pong wait for each other` */
export function waiting(names: readonly string[]): string {
  const [only = ""] = names;
  if (names.length < 2) return `${only} waits for itself`;
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)} wait for each other`;
}

export function wayOut(name: string): string {
  const variable = name.slice(0, 1).toLowerCase() + name.slice(1);
  return (
    `A function with a late link, link: [() => ${variable}], has a name and an ARN before it is made, so others can be linked to it. ` +
    'Its URL is known only afterwards: leave it out with link().removeProperties("url"), or put an aws.ApiGatewayV2 in front.'
  );
}
