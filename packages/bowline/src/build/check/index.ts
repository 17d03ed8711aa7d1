/**
 * The static link check: which links a handler's own modules read, and what to say of it.
 * @module
 */
export { type CheckedConsumer, checkReads, type Finding, unknownLinks } from "./findings.ts";
export { checkHandler } from "./handler.ts";
export { javascriptReads } from "./javascript.ts";
export { firstPartyModules } from "./modules.ts";
export { pythonReads } from "./python.ts";
export type { LinkRead, Place, Reads, SourceModule, UnverifiableRead } from "./reads.ts";
