/** What this engine means by Pulumi's semantics, case by case. Every transport has to pass, and so has Pulumi's own engine. */

import type { Case } from "./semantics/case.ts";
import { lifecycle } from "./semantics/lifecycle.case.ts";
import { options } from "./semantics/options.case.ts";
import { program } from "./semantics/program.case.ts";

export const cases: readonly Case[] = [...lifecycle, ...options, ...program];
