// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how IAM writes policy variables
/** Random requests and policies that have a fair chance to concern each other. */
import type {
  ConditionBlock,
  PolicyDocument,
  PolicyStatement,
  PrincipalElement,
} from "../../../packages/cloud/src/iam/policy.ts";
import type { Principal } from "../../../packages/cloud/src/service.ts";
import type { Random } from "./random.ts";

const account = "000000000000";
const roleArn = `arn:aws:iam::${account}:role/app`;
const sessionArn = `arn:aws:sts::${account}:assumed-role/app/main`;
const region = "us-east-1";

export interface Case {
  readonly principal: Principal;
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string | string[]>>;
  readonly identity: readonly PolicyDocument[];
  readonly boundary: PolicyDocument | undefined;
  readonly session: PolicyDocument | undefined;
  readonly resourcePolicy: PolicyDocument | undefined;
}

const principals: readonly Principal[] = [
  { kind: "role", arn: sessionArn, roleArn, sessionName: "main", accountId: account },
  { kind: "role", arn: sessionArn, roleArn, sessionName: "main", accountId: account },
  { kind: "role", arn: sessionArn, roleArn, sessionName: "main", accountId: account },
  { kind: "service", service: "sns.amazonaws.com", sourceArn: "", accountId: account },
  { kind: "anonymous" },
];

/** Actions with the resources they can be asked on. */
const targets: readonly { readonly actions: readonly string[]; readonly resources: readonly string[] }[] = [
  {
    actions: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
    resources: ["arn:aws:s3:::b/k", "arn:aws:s3:::b/u/1", "arn:aws:s3:::c/k?x", "arn:aws:s3:::b/red/a:b"],
  },
  { actions: ["s3:ListBucket"], resources: ["arn:aws:s3:::b", "arn:aws:s3:::c"] },
  {
    actions: ["dynamodb:GetItem", "dynamodb:PutItem"],
    resources: [`arn:aws:dynamodb:${region}:${account}:table/t`],
  },
  {
    actions: ["dynamodb:Query"],
    resources: [
      `arn:aws:dynamodb:${region}:${account}:table/t`,
      `arn:aws:dynamodb:${region}:${account}:table/t/index/ggg`,
    ],
  },
  {
    actions: ["sqs:SendMessage", "sqs:ReceiveMessage"],
    resources: [`arn:aws:sqs:${region}:${account}:q`, `arn:aws:sqs:eu-west-1:${account}:q2`],
  },
  { actions: ["sns:Publish", "sns:Subscribe"], resources: [`arn:aws:sns:${region}:${account}:t`] },
  { actions: ["lambda:InvokeFunction"], resources: [`arn:aws:lambda:${region}:${account}:function:f`] },
];

const actionPatterns = [
  "*",
  "s3:*",
  "s3:Get*",
  "s3:?etObject",
  "S3:getobject",
  "s3:PutObject",
  "s3:ListBucket",
  "dynamodb:*",
  "dynamodb:GetItem",
  "dynamodb:Q*y",
  "sqs:*",
  "sqs:SendMessage",
  "sns:Publish",
  "lambda:Invoke*",
  "lambda:InvokeFunction",
];

const resourcePatterns = [
  "*",
  "arn:aws:s3:::b",
  "arn:aws:s3:::b/*",
  "arn:aws:s3:::*",
  "arn:aws:s3:::b/u/?",
  "arn:aws:s3:::b/${aws:PrincipalTag/team}/*",
  "arn:aws:s3:::*/${aws:PrincipalTag/none}",
  "arn:aws:s3:::*/k",
  "arn:aws:s3:::c/k${?}x",
  `arn:aws:dynamodb:*:${account}:table/t`,
  `arn:aws:dynamodb:${region}:${account}:table/t/index/*`,
  `arn:aws:dynamodb:${region}:*:table/*`,
  `arn:aws:sqs:*:${account}:q*`,
  `arn:aws:sqs:${region}:${account}:q`,
  "arn:aws:sns:*:*:t",
  `arn:aws:lambda:${region}:${account}:function:*`,
  `arn:aws:*:${region}:*:*`,
];

/** Condition keys with values worth comparing them with, by the family of operators that fits. */
const conditionFamilies: readonly {
  readonly operators: readonly string[];
  readonly keys: readonly (readonly [string, readonly (string | readonly string[])[]])[];
}[] = [
  {
    operators: [
      "StringEquals",
      "StringNotEquals",
      "StringEqualsIgnoreCase",
      "StringNotEqualsIgnoreCase",
      "StringLike",
      "StringNotLike",
    ],
    keys: [
      [
        "aws:PrincipalTag/team",
        ["red", "RED", ["red", "blue"], "r*", ["r?d", "b*"], "${aws:PrincipalTag/team}", "*"],
      ],
      ["aws:PrincipalTag/none", ["x", "*", ["x", "y"]]],
      ["aws:PrincipalTag/other", ["${aws:PrincipalTag/team}", "${aws:PrincipalTag/none}", "blue"]],
      ["s3:prefix", ["u/1", ["u/*", "v"]]],
    ],
  },
  {
    operators: [
      "NumericEquals",
      "NumericNotEquals",
      "NumericLessThan",
      "NumericLessThanEquals",
      "NumericGreaterThan",
      "NumericGreaterThanEquals",
    ],
    keys: [["s3:max-keys", ["5", "10", ["5", "50"], "50"]]],
  },
  {
    operators: [
      "DateEquals",
      "DateNotEquals",
      "DateLessThan",
      "DateLessThanEquals",
      "DateGreaterThan",
      "DateGreaterThanEquals",
    ],
    keys: [["aws:CurrentTime", ["2026-11-21T00:00:00Z", "2030-01-01T00:00:00Z", "2020-01-01T00:00:00Z"]]],
  },
  { operators: ["Bool"], keys: [["aws:SecureTransport", ["true", "false"]]] },
  {
    operators: ["IpAddress", "NotIpAddress"],
    keys: [["aws:SourceIp", ["127.0.0.0/8", ["10.0.0.1/32", "127.0.0.1"], "10.0.0.0/8", "127.0.0.1/32"]]],
  },
  {
    operators: ["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"],
    keys: [
      [
        "aws:SourceArn",
        [
          `arn:aws:sns:*:*:t*`,
          `arn:aws:sns:${region}:${account}:t`,
          [`arn:aws:sns:${region}:${account}:zz`, `arn:aws:s?s:${region}:*:t`],
        ],
      ],
    ],
  },
];

const multiValued: readonly (readonly [string, readonly (string | readonly string[])[]])[] = [
  ["dynamodb:Attributes", ["a", ["a", "b"], ["b", "z*"], "*"]],
  ["aws:TagKeys", ["a*", ["team", "cost"]]],
];

const principalElements: readonly PrincipalElement[] = [
  "*",
  { AWS: "*" },
  { AWS: roleArn },
  { AWS: sessionArn },
  { AWS: `arn:aws:iam::${account}:root` },
  { AWS: account },
  { AWS: "arn:aws:iam::111111111111:role/x" },
  { AWS: [roleArn, "arn:aws:iam::111111111111:root"] },
  { Service: "sns.amazonaws.com" },
  { Service: ["s3.amazonaws.com", "sns.amazonaws.com"] },
];

const notPrincipalElements: readonly PrincipalElement[] = [
  { AWS: [roleArn, sessionArn, `arn:aws:iam::${account}:root`] },
  { AWS: "arn:aws:iam::111111111111:role/x" },
  { Service: "sns.amazonaws.com" },
  { AWS: account },
];

function suffixed(random: Random, operator: string): string {
  return random.chance(25) ? `${operator}IfExists` : operator;
}

function makeCondition(random: Random): [string, string, string | readonly string[]] {
  const kind = random.below(10);
  if (kind === 0) {
    return [
      "Null",
      random.pick(["aws:PrincipalTag/none", "aws:PrincipalTag/team", "s3:prefix"]),
      random.pick(["true", "false"]),
    ];
  }
  if (kind <= 2) {
    const quantifier = random.pick(["ForAllValues", "ForAnyValue"]);
    const operator = random.pick([
      "StringEquals",
      "StringLike",
      "StringNotEquals",
      "StringNotLike",
      "StringEqualsIgnoreCase",
    ]);
    const [key, values] = random.pick(multiValued);
    return [`${quantifier}:${suffixed(random, operator)}`, key, random.pick(values)];
  }
  const { operators, keys } = random.pick(conditionFamilies);
  const [key, values] = random.pick(keys);
  return [suffixed(random, random.pick(operators)), key, random.pick(values)];
}

function makeConditions(random: Random): ConditionBlock {
  const block: Record<string, Record<string, string | readonly string[]>> = {};
  for (let i = random.below(3); i >= 0; i--) {
    const [operator, key, values] = makeCondition(random);
    block[operator] = { ...block[operator], [key]: values };
  }
  return block;
}

function oneOrSome(values: string[]): string | string[] {
  const [only] = values;
  return values.length === 1 && only !== undefined ? only : values;
}

function makeStatement(random: Random, onResource: boolean): PolicyStatement {
  const deny = !random.chance(78);
  const principal: Pick<PolicyStatement, "Principal" | "NotPrincipal"> = !onResource
    ? {}
    : deny && random.chance(20)
      ? { NotPrincipal: random.pick(notPrincipalElements) }
      : { Principal: random.pick(principalElements) };
  return {
    Effect: deny ? "Deny" : "Allow",
    ...principal,
    ...(random.chance(88)
      ? { Action: oneOrSome(random.some(actionPatterns)) }
      : { NotAction: oneOrSome(random.some(actionPatterns.slice(1))) }),
    ...(random.chance(88)
      ? { Resource: oneOrSome(random.some(resourcePatterns)) }
      : { NotResource: oneOrSome(random.some(resourcePatterns.slice(1))) }),
    ...(random.chance(35) && { Condition: makeConditions(random) }),
  };
}

function makePolicy(random: Random, onResource: boolean, statements: number): PolicyDocument {
  return {
    Version: "2012-10-17",
    Statement: Array.from({ length: 1 + random.below(statements) }, () => makeStatement(random, onResource)),
  };
}

/** Mostly generous, so that boundaries and session policies do not hide everything else. */
function makeLimit(random: Random): PolicyDocument {
  const policy = makePolicy(random, false, 3);
  if (random.chance(40)) return policy;
  const all: PolicyStatement = { Effect: "Allow", Action: "*", Resource: "*" };
  return { ...policy, Statement: [all, ...([policy.Statement].flat() as PolicyStatement[])] };
}

export function makeCase(random: Random): Case {
  const principal = random.pick(principals);
  const { actions, resources } = random.pick(targets);
  const action = random.pick(actions);
  const isRole = principal.kind === "role";
  const context: Record<string, string | string[]> = {
    "aws:SecureTransport": random.pick(["true", "false"]),
    "aws:SourceIp": "127.0.0.1",
    "aws:CurrentTime": "2026-11-21T00:00:00Z",
  };
  if (isRole && random.chance(80)) context["aws:PrincipalTag/team"] = random.pick(["red", "blue", "r*"]);
  if (isRole && random.chance(30)) context["aws:PrincipalTag/other"] = random.pick(["red", "blue"]);
  if (random.chance(40))
    context["aws:SourceArn"] = `arn:aws:sns:${region}:${account}:${random.pick(["t", "zz"])}`;
  if (random.chance(15)) context["aws:TagKeys"] = random.pick([["team"], ["a", "abc"], ["team", "x"]]);
  if (action === "s3:ListBucket" && random.chance(60)) {
    context["s3:prefix"] = random.pick(["u/1", "v"]);
    context["s3:max-keys"] = random.pick(["5", "50"]);
  }
  if (action.startsWith("dynamodb:") && random.chance(60)) {
    context["dynamodb:Attributes"] = random.pick([["a"], ["a", "b"], ["b", "z"], ["zz"]]);
  }
  return {
    principal,
    action,
    resource: random.pick(resources),
    context,
    identity: isRole ? Array.from({ length: 1 + random.below(2) }, () => makePolicy(random, false, 4)) : [],
    boundary: isRole && random.chance(25) ? makeLimit(random) : undefined,
    session: isRole && random.chance(25) ? makeLimit(random) : undefined,
    resourcePolicy: !isRole || random.chance(40) ? makePolicy(random, true, 3) : undefined,
  };
}
