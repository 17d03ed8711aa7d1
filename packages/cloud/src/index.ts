/** An AWS on loopback, with IAM enforced. */
export type { Cloud } from "./cloud.ts";
export { type ConnectedCloud, connectCloud } from "./connect.ts";
export type { AuditQuery } from "./door/audit.ts";
export { readAudit } from "./door/read-audit.ts";
export { AwsError } from "./error.ts";
export type { AuditEvent, CloudEvent, FunctionLogEvent, InvocationEvent } from "./events.ts";
export { type ExplainRequest, explain } from "./iam/explain.ts";
export type { Explanation } from "./iam/explanation.ts";
export type { PolicyDocument, PolicyStatement } from "./iam/policy.ts";
export type { CloudOptions } from "./options.ts";
export { parseSchedule, type Schedule } from "./schedule/expression.ts";
export type { AccessRequest, Credentials, Principal } from "./service.ts";
export { startCloud } from "./start.ts";
export { StartError } from "./start-error.ts";
