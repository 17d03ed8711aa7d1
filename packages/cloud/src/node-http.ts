type Http = typeof import("node:http");

/**
 * Node's HTTP. An `import` of it would look at everything it exports, the WebSocket of its `fetch` included, and spend a
 * tenth of the cloud's start on loading that.
 */
export function http(): Http {
  return process.getBuiltinModule("node:http");
}
