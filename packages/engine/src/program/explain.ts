/** An error of the user's own program, for the user: what it says, and where in the program it arose. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return `the program threw ${String(error)}`;
  // The SDK's own ways to end a program with nothing but a message.
  if ("__pulumiRunError" in error || "__pulumResourceError" in error) return error.message;
  const lines = (error.stack ?? "").split("\n");
  const frames = lines.filter((line) => /^\s+at /.test(line));
  const own = frames.filter((line) => !line.includes("node_modules") && !line.includes("node:internal"));
  // Of a syntax error, the lines before the message show the place.
  const place =
    error instanceof SyntaxError
      ? lines.slice(
          0,
          lines.findIndex((line) => line.includes(error.message)),
        )
      : [];
  return [...place, error.message, ...own.slice(0, 5)].join("\n");
}
