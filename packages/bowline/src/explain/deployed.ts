import type { PolicyStatement } from "@bowline/cloud";
import type { State } from "@bowline/engine";
import { type Consumer, type Manifest, manifestOf, plain } from "../deploy/manifest.ts";
import { BowlineError } from "../error.ts";

/** What a stage's links came to: the manifest, and each consumer's policies and variables as they were deployed. */
export interface DeployedLinks {
  readonly manifest: Manifest;
  readonly consumers: readonly DeployedConsumer[];
}

export interface DeployedConsumer extends Consumer {
  readonly policies: readonly AttachedPolicy[];
  /** The names of its variables. */
  readonly variables: ReadonlySet<string>;
  /** Whether its role is the user's own, which may have more policies than the app gave it. */
  readonly foreignRole: boolean;
}

/** A policy that the app gives to a consumer's role. */
export interface AttachedPolicy {
  /** As IAM knows it. */
  readonly name: string;
  readonly kind: "inline" | "managed";
  readonly statements: readonly PolicyStatement[];
}

type Resources = State["resources"];

/** What a stage's state says of them, as deployed last. */
export function deployedLinks(state: State, stage: string): DeployedLinks {
  const manifest = manifestOf(state, stage);
  if (!manifest) {
    throw new BowlineError("not-deployed", `Stage "${stage}" is not deployed.`, {
      hint: `Links are shown as they are deployed: bowline deploy --stage ${stage}`,
      exitCode: 1,
    });
  }
  const consumers = manifest.consumers.map((consumer) => ({
    ...consumer,
    policies: policiesOf(state.resources, consumer),
    variables: variablesOf(state.resources, consumer),
    foreignRole: !outputsOf(state.resources, "aws:iam/role:Role").some(({ arn }) => arn === consumer.roleArn),
  }));
  return { manifest, consumers: consumers.toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
}

/** A consumer by its name. */
export function deployedConsumer({ consumers }: DeployedLinks, name: string): DeployedConsumer {
  const found = consumers.find((consumer) => consumer.name.toLowerCase() === name.toLowerCase());
  if (found) return found;
  const names = consumers.map((consumer) => consumer.name).join(", ");
  throw new BowlineError("no-consumer", `There is no function named "${name}" in this app.`, {
    hint: names ? `Its functions are ${names}.` : "It has no functions.",
  });
}

function policiesOf(resources: Resources, { roleArn }: Consumer): AttachedPolicy[] {
  const role = roleArn.slice(roleArn.lastIndexOf("/") + 1);
  const inline = outputsOf(resources, "aws:iam/rolePolicy:RolePolicy")
    .filter((own) => own.role === role)
    .map((own) => attached(own, "inline"));
  const arns = outputsOf(resources, "aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    .filter((own) => own.role === role)
    .map(({ policyArn }) => policyArn);
  const managed = outputsOf(resources, "aws:iam/policy:Policy")
    .filter(({ arn }) => arns.includes(arn))
    .map((own) => attached(own, "managed"));
  return [...inline, ...managed];
}

function attached(outputs: Record<string, unknown>, kind: AttachedPolicy["kind"]): AttachedPolicy {
  const { Statement } = JSON.parse(String(outputs.policy)) as {
    Statement: PolicyStatement | readonly PolicyStatement[];
  };
  return { name: String(outputs.name), kind, statements: [Statement].flat() as PolicyStatement[] };
}

function variablesOf(resources: Resources, { functionName }: Consumer): ReadonlySet<string> {
  const own = outputsOf(resources, "aws:lambda/function:Function").find(({ name }) => name === functionName);
  const { variables = {} } = (own?.environment ?? {}) as { variables?: Record<string, unknown> };
  return new Set(Object.keys(variables));
}

function outputsOf(resources: Resources, type: string): Record<string, unknown>[] {
  return resources
    .filter((resource) => resource.type === type)
    .map(({ outputs }) => plain(outputs) as Record<string, unknown>);
}
