/**
 * The process that runs a program once. All that makes it fast has to come before the program's imports, which is why
 * nothing else is imported up here.
 */

import { enableCompileCache } from "node:module";
import { deferHeavyModules } from "./lazy.ts";

enableCompileCache();
deferHeavyModules();
const { serve } = await import("./serve.ts");
serve();
