/** Finding the route of a request: the most specific one that fits, a greedy one, and `$default` last. */
import type { Route } from "./model.ts";

export interface RouteMatch {
  readonly route: Route;
  readonly parameters: Readonly<Record<string, string>> | undefined;
}

interface Compiled {
  readonly route: Route;
  readonly method: string;
  readonly segments: readonly string[];
  readonly greedy: boolean;
  /** One character a segment, smaller where more specific: a literal, a variable, a greedy one. */
  readonly rank: string;
}

export type Router = (method: string, path: string) => RouteMatch | undefined;

function segmentsOf(path: string): string[] {
  const segments = path.split("/").slice(1);
  if (segments.at(-1) === "") segments.pop();
  return segments;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function compile(route: Route): Compiled {
  const [method = "", path = ""] = route.routeKey.split(" ");
  const segments = segmentsOf(path);
  const kinds = segments.map((segment) =>
    segment.startsWith("{") ? (segment.endsWith("+}") ? "c" : "b") : "a",
  );
  const greedy = kinds.at(-1) === "c";
  // A full match goes before any greedy one, a named method before ANY.
  const rank = `${greedy ? 1 : 0}${kinds.join("")}${method === "ANY" ? "z" : ""}`;
  return { route, method, segments, greedy, rank };
}

function parametersOf(compiled: Compiled, segments: readonly string[]): Record<string, string> | undefined {
  const { segments: wanted, greedy } = compiled;
  if (greedy ? segments.length < wanted.length : segments.length !== wanted.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const given = segments[index] ?? "";
    if (segment.endsWith("+}"))
      parameters[segment.slice(1, -2)] = segments.slice(index).map(decode).join("/");
    else if (segment.startsWith("{")) parameters[segment.slice(1, -1)] = decode(given);
    else if (segment !== given && segment !== decode(given)) return undefined;
  }
  return parameters;
}

export function router(routes: readonly Route[]): Router {
  const fallback = routes.find(({ routeKey }) => routeKey === "$default");
  const compiled = routes
    .filter((route) => route !== fallback)
    .map(compile)
    .sort((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0));
  return (method, path) => {
    const segments = segmentsOf(path);
    for (const candidate of compiled) {
      if (candidate.method !== "ANY" && candidate.method !== method) continue;
      const parameters = parametersOf(candidate, segments);
      if (!parameters) continue;
      const some = Object.keys(parameters).length > 0;
      return { route: candidate.route, parameters: some ? parameters : undefined };
    }
    return fallback && { route: fallback, parameters: undefined };
  };
}
