import type { ResourceHandler } from "@bowline/engine";
import type { Aws } from "../aws.ts";
import { parameter } from "./parameter.ts";

export function ssm(aws: Aws): Readonly<Record<string, ResourceHandler>> {
  return { "aws:ssm/parameter:Parameter": parameter(aws) };
}
