#!/usr/bin/env node
// Written for any Node, so that an old one says what it lacks instead of failing on syntax.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(`The local cloud needs Node 22.18 or newer; this is ${process.versions.node}.`);
  process.exit(2);
}
const { enableCompileCache } = await import("node:module");
enableCompileCache();
const { main } = await import("../dist/command.mjs");
process.exitCode = await main(process.argv.slice(2));
