/** Where a stage at home in AWS keeps its state, and the passphrase that its secrets are encrypted with. */

import { AwsRequestError, hasCode } from "../../providers/client.ts";
import { notDeployed } from "../not-deployed.ts";
import { type AwsAccount, explainDenied } from "./aws-account.ts";
import { bucketObjects } from "./home-objects.ts";
import { openPassphrase } from "./passphrase.ts";
import { awsEnvironment } from "./provider-config.ts";
import type { StateHome } from "./state-home.ts";

/**
 * Makes what is missing of it; one bucket for an account and region, one passphrase for a stage. Where nothing is to
 * be made, what is missing was never deployed.
 */
export async function openAwsHome(
  account: AwsAccount,
  app: { readonly name: string; readonly stage: string },
  progress: (message: string) => void,
  make = true,
): Promise<StateHome> {
  const bucket = `bowline-state-${account.accountId}-${account.region}`;
  if (!(await exists(account, bucket))) {
    if (!make) throw notDeployed(app.stage);
    progress(`Creating the bucket ${bucket} for the state of all stages in this account and region`);
    await createBucket(account, bucket);
  }
  if (make) await protectBucket(account, bucket);
  const parameter = `/bowline/passphrase/${app.name}/${app.stage}`;
  const passphraseAt = `the SSM parameter ${parameter}`;
  const passphrase = await openPassphrase(
    {
      where: passphraseAt,
      read: () => readPassphrase(account, parameter),
      create(fresh) {
        if (!make) throw notDeployed(app.stage);
        return createPassphrase(account, parameter, fresh, app);
      },
      hasState: () => hasState(account, bucket, app),
    },
    app.stage,
  );
  return {
    url: backendUrl(account, bucket),
    passphrase,
    passphraseAt,
    env: awsEnvironment(account),
    objects: bucketObjects({
      client: account.client,
      bucket,
      where: `s3://${bucket}`,
      explain: (cause, action, what) => explainDenied(cause, action, what, account.arn),
    }),
  };
}

function backendUrl({ region, endpoint }: AwsAccount, bucket: string): string {
  const query = new URLSearchParams({ region });
  if (endpoint) {
    query.set("endpoint", endpoint);
    query.set("s3ForcePathStyle", "true");
  }
  return `s3://${bucket}?${query}`;
}

async function exists(account: AwsAccount, bucket: string): Promise<boolean> {
  try {
    // Names of buckets are the world's: one of this name in another account must not get our state.
    const headers = { "x-amz-expected-bucket-owner": account.accountId };
    await account.client.s3("HeadBucket", "HEAD", `/${bucket}`, { headers });
    return true;
  } catch (cause) {
    if (cause instanceof AwsRequestError && cause.status === 404) return false;
    throw explainDenied(cause, "s3:ListBucket", `read the state bucket ${bucket}`, account.arn);
  }
}

async function createBucket(account: AwsAccount, bucket: string): Promise<void> {
  const { region } = account;
  const body =
    region === "us-east-1"
      ? {}
      : {
          body: `<CreateBucketConfiguration xmlns="${XML}"><LocationConstraint>${region}</LocationConstraint></CreateBucketConfiguration>`,
        };
  try {
    await account.client.s3("CreateBucket", "PUT", `/${bucket}`, body);
  } catch (cause) {
    if (hasCode(cause, "BucketAlreadyOwnedByYou")) return;
    throw explainDenied(cause, "s3:CreateBucket", `create the state bucket ${bucket}`, account.arn);
  }
}

const XML = "http://s3.amazonaws.com/doc/2006-03-01/";

/** Versioned, encrypted, closed to the public: looked at every time, for a run may have died in between. */
async function protectBucket(account: AwsAccount, bucket: string): Promise<void> {
  const settings = [
    {
      query: "versioning",
      is: /<Status>Enabled</,
      want: `<VersioningConfiguration xmlns="${XML}"><Status>Enabled</Status></VersioningConfiguration>`,
      action: "BucketVersioning",
    },
    {
      query: "encryption",
      is: /<SSEAlgorithm>/,
      want: `<ServerSideEncryptionConfiguration xmlns="${XML}"><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>`,
      action: "EncryptionConfiguration",
    },
    {
      query: "publicAccessBlock",
      is: /<BlockPublicAcls>true.*<RestrictPublicBuckets>true|<RestrictPublicBuckets>true.*<BlockPublicAcls>true/s,
      want: `<PublicAccessBlockConfiguration xmlns="${XML}"><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>`,
      action: "BucketPublicAccessBlock",
    },
  ];
  await Promise.all(
    settings.map(async ({ query, is, want, action }) => {
      const path = `/${bucket}`;
      const now = await account.client
        .s3(`Get${action}`, "GET", path, { query: { [query]: "" } })
        .catch((cause: unknown) => {
          if (cause instanceof AwsRequestError && cause.status === 404) return { text: "" };
          throw explainDenied(cause, `s3:Get${action}`, `look at the state bucket ${bucket}`, account.arn);
        });
      if (is.test(now.text)) return;
      await account.client
        .s3(`Put${action}`, "PUT", path, { query: { [query]: "" }, body: want })
        .catch((cause: unknown) => {
          throw explainDenied(cause, `s3:Put${action}`, `protect the state bucket ${bucket}`, account.arn);
        });
    }),
  );
}

/** False when there is one already. */
async function createPassphrase(
  account: AwsAccount,
  parameter: string,
  passphrase: string,
  { name, stage }: { readonly name: string; readonly stage: string },
): Promise<boolean> {
  try {
    await account.client.json("ssm", "PutParameter", {
      Name: parameter,
      Value: passphrase,
      Type: "SecureString",
      Overwrite: false,
      Description: `Encrypts secrets in the state of ${name}, stage ${stage}. Made by Bowline.`,
    });
    return true;
  } catch (cause) {
    if (hasCode(cause, "ParameterAlreadyExists")) return false;
    throw explainDenied(cause, "ssm:PutParameter", `write the parameter ${parameter}`, account.arn);
  }
}

async function readPassphrase(account: AwsAccount, parameter: string): Promise<string | undefined> {
  try {
    const answer = await account.client.json<{ Parameter?: { Value?: string } }>("ssm", "GetParameter", {
      Name: parameter,
      WithDecryption: true,
    });
    return answer.Parameter?.Value;
  } catch (cause) {
    if (hasCode(cause, "ParameterNotFound")) return undefined;
    throw explainDenied(cause, "ssm:GetParameter", `read the parameter ${parameter}`, account.arn);
  }
}

async function hasState(
  account: AwsAccount,
  bucket: string,
  { name, stage }: { readonly name: string; readonly stage: string },
): Promise<boolean> {
  try {
    await account.client.s3("HeadObject", "HEAD", `/${bucket}/.pulumi/stacks/${name}/${stage}.json`);
    return true;
  } catch (cause) {
    if (cause instanceof AwsRequestError && cause.status === 404) return false;
    throw explainDenied(cause, "s3:GetObject", `read the state bucket ${bucket}`, account.arn);
  }
}
