/** A frame of a library or of Node itself: not where a person looks first. */
const FOREIGN = /node_modules|\(node:|at node:|<anonymous>/;

/**
 * The line in which Lambda's runtime for Node logs a failure, as a person reads it: what it was, and where in their own
 * code. Any other line stays as it is.
 */
export function readableFailure(line: string): string {
  const failure = failureIn(line);
  if (!failure) return line;
  const { errorType, errorMessage, stack } = failure;
  const frames = stack.filter((frame) => /^\s*at /.test(frame));
  const own = frames.filter((frame) => !FOREIGN.test(frame));
  const shown = own.length > 0 ? own : frames.slice(0, 3);
  return [`${errorType}: ${errorMessage}`, ...shown.map((frame) => `    ${frame.trim()}`)].join("\n");
}

interface Failure {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly stack: readonly string[];
}

function failureIn(line: string): Failure | undefined {
  const json = /^\S+Z\t\S+\tERROR\t[A-Z][\w ]+\t(\{.*\})$/.exec(line)?.[1];
  if (json === undefined) return undefined;
  try {
    const { errorType, errorMessage, stack } = JSON.parse(json) as Partial<Record<string, unknown>>;
    if (typeof errorType !== "string" || typeof errorMessage !== "string" || !Array.isArray(stack))
      return undefined;
    return { errorType, errorMessage, stack: stack.map(String) };
  } catch {
    return undefined;
  }
}
