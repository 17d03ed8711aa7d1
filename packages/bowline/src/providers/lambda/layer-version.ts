import type { ResourceHandler } from "@bowline/engine";
import type { LayerVersionArgs, LayerVersionState } from "@pulumi/aws/lambda/layerVersion.js";
import type { Aws } from "../aws.ts";
import { resource } from "../resource.ts";
import { packArchive } from "./package.ts";

interface Published {
  readonly LayerArn: string;
  readonly LayerVersionArn: string;
  readonly Version: number;
  readonly CreatedDate?: string;
  readonly Content?: { readonly CodeSha256?: string; readonly CodeSize?: number };
}

export function layerVersion(aws: Aws): ResourceHandler {
  /** The id is the version's ARN, which ends in the layer's name and the number. */
  const pathOf = (id: string) => {
    const [name = "", version = ""] = id.split(":").slice(-2);
    return `/2018-10-31/layers/${encodeURIComponent(name)}/versions/${version}`;
  };
  return resource<LayerVersionArgs, LayerVersionState>(aws.endpoint, {
    required: ["layerName"],
    // A version never changes: anything else is the next one.
    replaceOn: [
      "code",
      "compatibleArchitectures",
      "compatibleRuntimes",
      "description",
      "layerName",
      "licenseInfo",
      "region",
      "s3Bucket",
      "s3Key",
      "s3ObjectVersion",
      "sourceCodeHash",
    ],
    validate: (inputs) =>
      inputs.code === undefined && inputs.s3Bucket === undefined
        ? [
            {
              property: "code",
              reason: 'A layer needs its content: "code" (an archive), or "s3Bucket" and "s3Key".',
            },
          ]
        : [],
    async create(inputs) {
      const content =
        inputs.s3Bucket === undefined
          ? { ZipFile: Buffer.from(await packArchive(inputs.code, aws.cwd)).toString("base64") }
          : { S3Bucket: inputs.s3Bucket, S3Key: inputs.s3Key, S3ObjectVersion: inputs.s3ObjectVersion };
      const published = await aws.client.restJson<Published>(
        "lambda",
        "POST",
        `/2018-10-31/layers/${encodeURIComponent(inputs.layerName)}/versions`,
        {
          Content: content,
          Description: inputs.description,
          LicenseInfo: inputs.licenseInfo,
          CompatibleRuntimes: inputs.compatibleRuntimes,
          CompatibleArchitectures: inputs.compatibleArchitectures,
        },
      );
      return published.LayerVersionArn;
    },
    async describe(id, inputs) {
      const found = await aws.client.restJson<Published>("lambda", "GET", pathOf(id));
      return {
        arn: found.LayerVersionArn,
        layerArn: found.LayerArn,
        version: String(found.Version),
        createdDate: found.CreatedDate ?? "",
        codeSha256: found.Content?.CodeSha256 ?? "",
        sourceCodeHash: inputs.sourceCodeHash ?? found.Content?.CodeSha256 ?? "",
        sourceCodeSize: found.Content?.CodeSize ?? 0,
        signingJobArn: "",
        signingProfileVersionArn: "",
        skipDestroy: inputs.skipDestroy ?? false,
        region: aws.region,
      };
    },
    async delete(id, { inputs }) {
      if (!inputs.skipDestroy) await aws.client.restJson("lambda", "DELETE", pathOf(id));
    },
  });
}
