import * as aws from "@pulumi/aws";
import { type ComponentResourceOptions, type Output, output, type Resource, secret } from "@pulumi/pulumi";
import type { App } from "../../config/app.ts";
import { BowlineError } from "../../error.ts";
import { collectLinks, type LinkItem } from "../../link/linkable.ts";
import { policyText } from "../../link/policy.ts";
import type { ResolvedLink } from "../../link/resolve.ts";
import { mergeStatements } from "../../link/statement.ts";
import { AWS_ROLE_BINDING } from "../../workers/aws-role.ts";
import { declaredLinks } from "../late-links.ts";
import type { ScriptBinding } from "./script-binding.ts";

/** How a Worker reaches what it is linked to in AWS. */
export interface AwsAccess {
  readonly bindings: readonly ScriptBinding[];
  /** Of the local stage only; empty where there is none. */
  readonly roleArn: Output<string>;
  /** What must be there before the Worker runs. */
  readonly ready: readonly Resource[];
}

/** IAM's limit on a managed policy. */
const LONGEST_POLICY = 6144;

/**
 * A Worker has no role in AWS. Where its links grant something there, it gets credentials that allow just that: those of
 * a user of its own, as secrets; on this machine those of a role, which are renewed with each start.
 */
export function awsAccess(
  app: App,
  name: string,
  items: readonly LinkItem[] | undefined,
  links: Output<ResolvedLink[]>,
  parent: ComponentResourceOptions,
): AwsAccess | undefined {
  const declared = declaredLinks(app, items).then((all) => grantingLinks(name, all));
  const granting = grantingLinks(name, items);
  if (granting.length === 0) {
    app.require(declared.then((late) => late.length > 0 && app.warn(...onlyValues(name, namesOf(late)))));
    return undefined;
  }
  app.require(
    declared.then((all) => {
      app.granted({
        consumer: name,
        grants: all.flatMap((link) =>
          link.include
            .filter((item) => item.kind === "permission")
            .map(({ effect, actions }) => ({ link: link.name, origin: link.origin, effect, actions })),
        ),
      });
      app.warn(
        `${name} is a Worker, which has no role in AWS: for its link to ${namesOf(all)} it gets credentials of its own, as the secrets AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`,
        "They allow what these links allow and nothing else. Hand them to the client: { accessKeyId: env.AWS_ACCESS_KEY_ID, … }.",
      );
    }),
  );
  const policy = links.apply((resolved) => policyOf(name, resolved));
  return app.home === "local" ? localRole(name, policy, parent) : user(name, policy, parent);
}

function namesOf(links: readonly { readonly name: string }[]): string {
  return [...new Set(links.map(({ name }) => name))].sort().join(", ");
}

/** Whether a Worker has a user has to be known at once, and what a late link grants is not. */
function onlyValues(name: string, links: string): [message: string, hint: string] {
  return [
    `${name} is a Worker and linked to ${links} by a function: it gets the values, and no credentials for AWS.`,
    `Declare ${links} before ${name} and link it as it is, or call it by its URL.`,
  ];
}

function grantingLinks(name: string, items: readonly LinkItem[] | undefined) {
  const known = items?.filter((item) => typeof item !== "function");
  return collectLinks(name, known).links.filter(({ include }) =>
    include.some((item) => item.kind === "permission"),
  );
}

function policyOf(name: string, links: readonly ResolvedLink[]): string {
  const text = policyText(mergeStatements(links.flatMap((link) => link.statements)));
  if (text.length <= LONGEST_POLICY) return text;
  throw new BowlineError(
    "policy-too-large",
    `${name}: its links come to a policy of ${text.length} characters, of which a user's may have ${LONGEST_POLICY}.`,
    { hint: "Link fewer resources of AWS, or let a function of AWS do this work, and call it." },
  );
}

/** Whoever starts the local cloud is its account's root. */
const TRUST_ROOT = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Principal: { AWS: "arn:aws:iam::000000000000:root" }, Action: "sts:AssumeRole" },
  ],
});

function localRole(name: string, policy: Output<string>, parent: ComponentResourceOptions): AwsAccess {
  const role = new aws.iam.Role(
    `${name}Aws`,
    {
      assumeRolePolicy: TRUST_ROOT,
    },
    parent,
  );
  const links = new aws.iam.RolePolicy(`${name}AwsLinks`, { role: role.name, policy }, parent);
  return {
    bindings: [{ name: AWS_ROLE_BINDING, type: "plain_text", text: role.arn }],
    roleArn: role.arn,
    ready: [links],
  };
}

function user(name: string, policy: Output<string>, parent: ComponentResourceOptions): AwsAccess {
  const own = new aws.iam.User(`${name}Aws`, { forceDestroy: true }, parent);
  const links = new aws.iam.Policy(`${name}AwsLinks`, { policy }, parent);
  const attached = new aws.iam.UserPolicyAttachment(
    `${name}AwsLinks`,
    { user: own.name, policyArn: links.arn },
    parent,
  );
  const key = new aws.iam.AccessKey(`${name}Aws`, { user: own.name }, parent);
  return {
    bindings: [
      { name: "AWS_ACCESS_KEY_ID", type: "secret_text", text: secret(key.id) },
      { name: "AWS_SECRET_ACCESS_KEY", type: "secret_text", text: key.secret },
      { name: "AWS_REGION", type: "plain_text", text: aws.getRegionOutput({}, parent).region },
    ],
    roleArn: output(""),
    ready: [attached],
  };
}

/** What a Worker with such links finds in its `env`. */
export const AWS_ENV = {
  AWS_ACCESS_KEY_ID: "string",
  AWS_SECRET_ACCESS_KEY: "string",
  AWS_REGION: "string",
  AWS_SESSION_TOKEN: "string | undefined",
  AWS_ENDPOINT_URL: "string | undefined",
} as const;

/** Whether any link of a list grants something in AWS. */
export function needsAws(name: string, items: readonly LinkItem[] | undefined): boolean {
  return grantingLinks(name, items).length > 0;
}
