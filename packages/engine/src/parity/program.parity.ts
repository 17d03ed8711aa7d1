import { program } from "../semantics/program.case.ts";
import { compareCases } from "./cases.ts";

compareCases(program);
