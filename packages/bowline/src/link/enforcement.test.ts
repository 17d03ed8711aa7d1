/**
 * The access table against the real cloud: for every component and every way to link it, a role with just that link's
 * policy calls every operation of the service, and is allowed what the table says and nothing else.
 */
import { all } from "@pulumi/pulumi";
import { afterAll, describe, expect, it } from "vitest";
import { samples as dynamodb } from "../../../cloud/src/dynamodb/samples.ts";
import { samples as events } from "../../../cloud/src/events/samples.ts";
import type { PolicyStatement } from "../../../cloud/src/iam/policy.ts";
import { samples as kinesis } from "../../../cloud/src/kinesis/samples.ts";
import { samples as lambda } from "../../../cloud/src/lambda/samples.ts";
import { samples as s3 } from "../../../cloud/src/s3/samples.ts";
import type { Samples } from "../../../cloud/src/samples.ts";
import { samples as sns } from "../../../cloud/src/sns/samples.ts";
import { samples as sqs } from "../../../cloud/src/sqs/samples.ts";
import { startTestCloud } from "../../../cloud/src/testing.ts";
import { type AccessProfile, type Grant, type ProfiledType, profiles, type Target } from "./access.ts";
import { type Access, grantsOf } from "./grant.ts";
import { policyText } from "./policy.ts";
import { resolvePermission } from "./resolve.ts";
import { mergeStatements, type Statement } from "./statement.ts";

/** The component, the service it is of, and where a sample's fixture has its ARN. */
const components = [
  { type: "bowline:aws:Bucket", service: s3, arn: "bucket" },
  { type: "bowline:aws:Dynamo", service: dynamodb, arn: "arn" },
  { type: "bowline:aws:Queue", service: sqs, arn: "arn" },
  { type: "bowline:aws:SnsTopic", service: sns, arn: "arn" },
  { type: "bowline:aws:Function", service: lambda, arn: "arn" },
  { type: "bowline:aws:Bus", service: events, arn: "busArn" },
  { type: "bowline:aws:KinesisStream", service: kinesis, arn: "StreamARN" },
] as const satisfies readonly { type: ProfiledType; service: Samples; arn: string }[];

type Component = (typeof components)[number];

const test = await startTestCloud();
afterAll(() => test[Symbol.asyncDispose]());
let count = 0;

/** A way to link: each level, the default, and SST's. */
interface Way {
  readonly name: string;
  readonly levels: readonly string[];
  readonly full: boolean;
  readonly grants: readonly Grant[];
}

function waysOf(type: ProfiledType): Way[] {
  const profile: AccessProfile = profiles[type];
  const levels = Object.entries(profile.levels).map(([name, grants]) => ({
    name,
    levels: [name],
    full: false,
    grants,
  }));
  const standard = profile.default.flatMap((level) => profile.levels[level] ?? []);
  return [
    ...levels,
    { name: "default", levels: [], full: false, grants: standard },
    { name: "full", levels: [], full: true, grants: profile.full },
  ];
}

/** Credentials of a role that has the link's policy, as a function would. */
async function linked(type: ProfiledType, arn: string, way: Way) {
  const { permissions } = grantsOf(type, arn, way.levels as unknown as readonly Access<typeof type>[], {
    name: "It",
    full: way.full,
    hasIndexes: true,
  });
  const statements = await new Promise<Statement[]>((done) => {
    all(permissions.map(resolvePermission)).apply((known) => done(known as Statement[]));
  });
  const document = JSON.parse(policyText(mergeStatements(statements))) as { Statement: PolicyStatement[] };
  return test.roleWith(document.Statement, `Matrix${++count}`);
}

const within: Readonly<Record<Target, (resource: string, arn: string) => boolean>> = {
  self: (resource, arn) => resource === arn,
  contents: (resource, arn) => resource.startsWith(`${arn}/`),
  indexes: (resource, arn) => resource.startsWith(`${arn}/index/`),
  stream: (resource, arn) => resource.startsWith(`${arn}/stream/`),
};

/** What the table says, read anew here: whether one grant covers an action on a resource. */
function covered({ grants }: Way, arn: string, action: string, resource: string): boolean {
  return grants.some(
    (grant) =>
      (grant.actions.includes(action) || grant.actions.includes(action.replace(/:.*/, ":*"))) &&
      grant.on.some((target) => within[target](resource, arn)),
  );
}

function expected(
  { service }: Component,
  way: Way,
  arn: string,
  operation: string,
  fixture: unknown,
): string {
  const needs = service
    .allow(operation, fixture)
    .flatMap(({ Action = [], Resource = [] }) =>
      [Action].flat().flatMap((action) => [Resource].flat().map((resource) => ({ action, resource }))),
    );
  return needs.every(({ action, resource }) => covered(way, arn, action, resource)) ? "allowed" : "denied";
}

describe.each(components)("$type", (component) => {
  const { service, type } = component;
  const ways = waysOf(type);

  const prepare = async () => {
    const fixture = await service.prepare(test, `matrix${++count}`);
    return { fixture, arn: (fixture as Readonly<Record<string, string>>)[component.arn] ?? "" };
  };

  it.concurrent.each(service.operations)("%s is allowed or denied as the table says", async (operation) => {
    const told: Record<string, string> = {};
    const done: Record<string, string> = {};
    let made = await prepare();
    const judged = ways.map((way) => ({
      way,
      outcome: expected(component, way, made.arn, operation, made.fixture),
    }));
    // A call that succeeds may remove what the next one needs: those to be denied come first.
    for (const { way, outcome } of judged.toSorted((a, b) => (a.outcome > b.outcome ? -1 : 1))) {
      told[way.name] = outcome;
      const credentials = await linked(type, made.arn, way);
      const found = await service.attempt(test, credentials, operation, made.fixture);
      done[way.name] = found.kind === "failed" ? `failed with ${found.error}` : found.kind;
      if (outcome === "allowed") made = await prepare();
    }
    expect(Object.keys(done).sort()).toEqual(ways.map(({ name }) => name).sort());
    expect(done).toEqual(told);
  });
});
