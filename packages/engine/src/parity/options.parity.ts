import { options } from "../semantics/options.case.ts";
import { compareCases } from "./cases.ts";

compareCases(options);
