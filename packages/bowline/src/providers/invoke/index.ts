/** Functions of the `aws` package: `aws.getRegion()`, `aws.iam.getPolicyDocument()`, … */
import type { InvokeContext, Properties } from "@bowline/engine";
import type { GetPolicyDocumentArgs } from "@pulumi/aws/iam/getPolicyDocument.js";
import { BowlineError } from "../../error.ts";
import type { Aws } from "../aws.ts";
import { jsonText } from "../aws.ts";
import { type FunctionConfiguration, functionOutputs } from "../lambda/function-outputs.ts";
import { functionPath } from "../lambda/paths.ts";
import { hostedZoneOf } from "../s3/regions.ts";
import { bucketPath } from "../s3/settings.ts";
import { policyDocument } from "./policy-document.ts";

type Invoke = (args: Properties, context: InvokeContext) => object | Promise<object>;

export function invokes(
  aws: Aws,
): (token: string, args: Properties, context: InvokeContext) => Promise<Properties> {
  const known: Readonly<Record<string, Invoke>> = {
    "aws:index/getRegion:getRegion": (args) => region(aws, args),
    "aws:index/getCallerIdentity:getCallerIdentity": () => callerIdentity(aws),
    "aws:index/getPartition:getPartition": () => ({
      id: "aws",
      partition: "aws",
      dnsSuffix: "amazonaws.com",
      reverseDnsPrefix: "com.amazonaws",
    }),
    "aws:index/getAvailabilityZones:getAvailabilityZones": (args) => ({ ...args, ...zones(aws) }),
    "aws:iam/getPolicyDocument:getPolicyDocument": (args) =>
      policyDocument(args as unknown as GetPolicyDocumentArgs),
    "aws:iam/getPolicy:getPolicy": (args) => managedPolicy(aws, args),
    "aws:s3/getBucket:getBucket": (args) => bucket(aws, text(args, "bucket")),
    "aws:ssm/getParameter:getParameter": (args) => parameter(aws, args),
    "aws:lambda/getFunction:getFunction": (args) => lambdaFunction(aws, args),
  };
  return async (token, args, context) => {
    const invoke = known[token];
    if (!invoke) {
      throw new BowlineError("invoke-not-emulated", `The local cloud has no answer to ${token}.`, {
        hint: `It answers ${Object.keys(known)
          .map((name) => name.split(":").at(-1))
          .join(", ")}. Deploy this stage to home "aws", or give the value in the config.`,
      });
    }
    return (await invoke(args, context)) as Properties;
  };
}

function text(args: Properties, key: string): string {
  const value = args[key];
  if (typeof value !== "string" || value === "")
    throw new BowlineError("bad-invoke", `"${key}" has to be a text.`);
  return value;
}

function region(aws: Aws, args: Properties) {
  const name = [args.region, args.name, aws.region].find(
    (value) => typeof value === "string" && value !== "",
  ) as string;
  return {
    id: name,
    name,
    region: name,
    description: `${name} (local)`,
    endpoint: `ec2.${name}.amazonaws.com`,
  };
}

async function callerIdentity(aws: Aws) {
  const found = await aws.client.query("sts", "GetCallerIdentity", {});
  const accountId = found.at("Account").text ?? aws.accountId;
  return { id: accountId, accountId, arn: found.at("Arn").text ?? "", userId: found.at("UserId").text ?? "" };
}

function zones(aws: Aws) {
  const letters = ["a", "b", "c"];
  return {
    id: aws.region,
    region: aws.region,
    names: letters.map((letter) => aws.region + letter),
    zoneIds: letters.map((_, index) => `${shortRegion(aws.region)}-az${index + 1}`),
    groupNames: [aws.region],
  };
}

/** `apse2` for `ap-southeast-2`. */
function shortRegion(region: string): string {
  const [area = "", direction = "", number = ""] = region.split("-");
  const initials = direction.match(/north|south|east|west|central/g) ?? [direction];
  return area + initials.map((word) => word.slice(0, 1)).join("") + number;
}

async function managedPolicy(aws: Aws, args: Properties) {
  const arn =
    typeof args.arn === "string" && args.arn !== ""
      ? args.arn
      : aws.globalArn("iam", `policy${args.pathPrefix ?? "/"}${text(args, "name")}`);
  const found = (await aws.client.query("iam", "GetPolicy", { PolicyArn: arn })).at("Policy");
  const version = await aws.client.query("iam", "GetPolicyVersion", {
    PolicyArn: arn,
    VersionId: found.at("DefaultVersionId").text,
  });
  return {
    ...args,
    id: arn,
    arn,
    name: found.at("PolicyName").text,
    path: found.at("Path").text ?? "/",
    policyId: found.at("PolicyId").text ?? "",
    description: found.at("Description").text ?? "",
    attachmentCount: Number(found.at("AttachmentCount").text ?? 0),
    policy: jsonText(decodeURIComponent(version.at("PolicyVersion").at("Document").text ?? "{}")),
    tags: {},
  };
}

async function bucket(aws: Aws, name: string) {
  await aws.client.s3("HeadBucket", "HEAD", bucketPath(name));
  return {
    id: name,
    bucket: name,
    arn: `arn:aws:s3:::${name}`,
    bucketDomainName: `${name}.s3.amazonaws.com`,
    bucketRegionalDomainName: `${name}.s3.${aws.region}.amazonaws.com`,
    bucketRegion: aws.region,
    region: aws.region,
    hostedZoneId: hostedZoneOf(aws.region) ?? "",
    websiteDomain: "",
    websiteEndpoint: "",
  };
}

interface Parameter {
  readonly Name: string;
  readonly Type: string;
  readonly Value: string;
  readonly Version: number;
  readonly ARN: string;
}

async function parameter(aws: Aws, args: Properties) {
  const { Parameter: found } = await aws.client.json<{ Parameter: Parameter }>("ssm", "GetParameter", {
    Name: text(args, "name"),
    WithDecryption: args.withDecryption ?? true,
  });
  return {
    ...args,
    id: found.Name,
    name: found.Name,
    arn: found.ARN,
    type: found.Type,
    value: found.Value,
    insecureValue: found.Type === "SecureString" ? "" : found.Value,
    version: found.Version,
    region: aws.region,
  };
}

async function lambdaFunction(aws: Aws, args: Properties) {
  const name = text(args, "functionName");
  const found = await aws.client.restJson<FunctionConfiguration & { Version?: string }>(
    "lambda",
    "GET",
    `${functionPath(name)}/configuration`,
    undefined,
    { Qualifier: typeof args.qualifier === "string" ? args.qualifier : undefined },
  );
  const {
    name: functionName,
    tagsAll,
    ...outputs
  } = functionOutputs(aws, { role: found.Role }, found, found.Version ?? "$LATEST", {});
  return { ...args, ...outputs, id: functionName, functionName, tags: tagsAll };
}
