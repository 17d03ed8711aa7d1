import { nameOf } from "../aws.ts";

/** A function's place in the API; it may be given by its ARN. */
export function functionPath(nameOrArn: string, date = "2015-03-31"): string {
  return `/${date}/functions/${encodeURIComponent(functionName(nameOrArn))}`;
}

/** `arn:aws:lambda:R:A:function:NAME[:QUALIFIER]` or a name. */
export function functionName(nameOrArn: string): string {
  return nameOrArn.startsWith("arn:") ? (nameOrArn.split(":")[6] ?? nameOf(nameOrArn)) : nameOrArn;
}
