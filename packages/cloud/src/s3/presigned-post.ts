/** PostObject: an upload from a form, signed by whoever made the form. */
import { Readable } from "node:stream";
import { xml } from "../protocol/rest-xml.ts";
import type { Body, Call, Operation } from "../service.ts";
import { writeAccess } from "./access.ts";
import type { S3Context } from "./context.ts";
import { invalidArgument } from "./errors.ts";
import { boundaryOf, type Form, readForm } from "./form.ts";
import { type InternalInput, type S3Input, type S3Output, s3Operation } from "./input.ts";
import { putObject } from "./objects.ts";
import { checkPostPolicy, withinSizes } from "./post-policy.ts";

/** Fields that become headers of the write. */
const headerFields =
  /^(cache-control|content-type|content-disposition|content-encoding|expires|x-amz-storage-class|x-amz-website-redirect-location|x-amz-server-side-encryption(-aws-kms-key-id|-bucket-key-enabled)?|x-amz-meta-.+|x-amz-checksum-.+|content-md5)$/;

export function postOperations(s3: S3Context): Record<string, Operation> {
  async function post(input: S3Input, call: Call): Promise<S3Output> {
    const bucket = s3.buckets.need(input.bucket);
    const form = await readForm(input.body.stream(), boundaryOf(input.headers["content-type"]));
    const template = form.fields.get("key");
    if (!template)
      throw invalidArgument(
        "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
        "key",
        "",
      );
    const policy = checkPostPolicy(s3.hub, bucket.name, form.fields, call.time);
    const key = template.replace(/\$\{filename\}/g, () => form.fileName);
    const stream = Readable.from(withinSizes(form.file, policy), { objectMode: false });
    const write: InternalInput = {
      Bucket: bucket.name,
      Key: key,
      headers: headersOf(form),
      Body: formBody(stream, input.body.length),
    };
    const answer = (await s3.hub.call({
      service: "s3",
      operation: "PostedObject",
      input: write,
      as: policy.principal,
    })) as S3Output;
    return success(form, call, bucket.name, key, answer);
  }

  return {
    // The form says who signed it: who may write is asked when that is known.
    PostObject: s3Operation({ access: "self", run: post }),
    /** The write behind a form; no request is routed here. */
    PostedObject: s3Operation({
      access: writeAccess,
      run: (input, call) => putObject(s3, input, call, "Post"),
    }),
  };
}

function headersOf({ fields }: Form): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of fields) if (headerFields.test(name)) headers[name] = value;
  const acl = fields.get("acl");
  if (acl !== undefined) headers["x-amz-acl"] = acl;
  return headers;
}

/** The length of the whole form is the most its file can have. */
function formBody(stream: Readable, length: number | undefined): Body {
  return {
    length,
    stream: () => stream,
    async bytes() {
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks);
    },
    trailers: () => ({}),
  };
}

function success(form: Form, call: Call, bucket: string, key: string, answer: S3Output): S3Output {
  const { fields } = form;
  const etag = String(answer.headers?.etag ?? "");
  const location = `${call.endpoint}/${bucket}/${encodeURIComponent(key)}`;
  const headers = { ...(answer.headers as Record<string, string>), location };
  const redirect = fields.get("success_action_redirect") ?? fields.get("redirect");
  if (redirect !== undefined && URL.canParse(redirect)) {
    const target = new URL(redirect);
    target.searchParams.set("bucket", bucket);
    target.searchParams.set("key", key);
    target.searchParams.set("etag", etag);
    return { status: 303, headers: { ...headers, location: target.href } };
  }
  const status = fields.get("success_action_status");
  if (status === "201") {
    const body = xml("PostResponse", { Location: location, Bucket: bucket, Key: key, ETag: etag });
    return { status: 201, headers, body };
  }
  return { status: status === "200" ? 200 : 204, headers };
}
