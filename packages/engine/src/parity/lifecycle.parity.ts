import { lifecycle } from "../semantics/lifecycle.case.ts";
import { compareCases } from "./cases.ts";

compareCases(lifecycle);
