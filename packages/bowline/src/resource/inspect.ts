/** What Node's `console.log` asks an object for. */
export const inspect = Symbol.for("nodejs.util.inspect.custom");
