import type { WorkersScriptBinding } from "@pulumi/cloudflare/types/input.js";

/** One thing that a Worker's `env` holds. */
export type ScriptBinding = WorkersScriptBinding;
