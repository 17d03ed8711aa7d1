import { get } from "node:http";
import { text } from "node:stream/consumers";
import * as sdk from "@aws-sdk/client-s3";
import { createPresignedPost, type PresignedPostOptions } from "@aws-sdk/s3-presigned-post";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestCloud, type TestCloud } from "../testing.ts";
import { newBucket, put, read } from "./testing.ts";

let cloud: TestCloud;
let s3: sdk.S3;
beforeAll(async () => {
  cloud = await startTestCloud();
  s3 = cloud.client(sdk.S3);
});
afterAll(() => cloud[Symbol.asyncDispose]());

describe("a presigned URL", () => {
  test("reads and writes in its signer's name", async () => {
    const Bucket = await newBucket(s3);
    const upload = await getSignedUrl(s3, new sdk.PutObjectCommand({ Bucket, Key: "a b" }), {
      expiresIn: 60,
    });
    expect((await fetch(upload, { method: "PUT", body: "presigned" })).status).toBe(200);
    const get = new sdk.GetObjectCommand({ Bucket, Key: "a b", ResponseContentType: "text/css" });
    const answer = await fetch(await getSignedUrl(s3, get, { expiresIn: 60 }));
    expect(await answer.text()).toBe("presigned");
    expect(answer.headers.get("content-type")).toBe("text/css");
  });

  test("of somebody without permission opens nothing", async () => {
    const Bucket = await newBucket(s3);
    const nobody = cloud.client(sdk.S3, await cloud.roleWith([]));
    const url = await getSignedUrl(nobody, new sdk.PutObjectCommand({ Bucket, Key: "a" }), { expiresIn: 60 });
    const answer = await fetch(url, { method: "PUT", body: "x" });
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain("<Code>AccessDenied</Code>");
  });
});

test("a bucket can be named in the host", async () => {
  const Bucket = await newBucket(s3);
  await put(s3, Bucket, "a/b c", "by host");
  const { port, region, credentials } = cloud.cloud;
  const hosted = new sdk.S3({ endpoint: `http://localhost:${port}`, region, credentials });
  const url = new URL(
    await getSignedUrl(hosted, new sdk.GetObjectCommand({ Bucket, Key: "a/b c" }), { expiresIn: 60 }),
  );
  expect(url.hostname).toBe(`${Bucket}.localhost`);
  // Not every resolver knows names below localhost.
  const body = await new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, path: url.pathname + url.search, headers: { host: url.host } };
    get(options, (answer) => resolve(text(answer))).once("error", reject);
  });
  expect(body).toBe("by host");
});

describe("a form", () => {
  async function post(
    options: Partial<PresignedPostOptions> & { Bucket: string },
    file: Blob,
    more: Record<string, string> = {},
    client: sdk.S3 = s3,
  ) {
    const { url, fields } = await createPresignedPost(client, { Key: "up/$" + "{filename}", ...options });
    const form = new FormData();
    for (const [name, value] of Object.entries({ ...fields, ...more })) form.set(name, value);
    form.set("file", file, "photo.png");
    return fetch(url, { method: "POST", body: form, redirect: "manual" });
  }

  test("uploads a file, small or large, under its name", async () => {
    const Bucket = await newBucket(s3);
    for (const size of [0, 10, 300_000]) {
      const answer = await post({ Bucket }, new Blob([Buffer.alloc(size, "p")], { type: "image/png" }));
      expect(answer.status).toBe(204);
      expect(await read(s3, Bucket, "up/photo.png")).toBe("p".repeat(size));
    }
  });

  test("answers as it asks to be answered", async () => {
    const Bucket = await newBucket(s3);
    const created = await post(
      { Bucket, Fields: { success_action_status: "201", "Content-Type": "image/png" } },
      new Blob(["x"]),
    );
    expect(created.status).toBe(201);
    expect(await created.text()).toContain("<Key>up/photo.png</Key>");
    expect((await s3.headObject({ Bucket, Key: "up/photo.png" })).ContentType).toBe("image/png");
    const redirected = await post(
      { Bucket, Fields: { success_action_redirect: "http://127.0.0.1/done" } },
      new Blob(["x"]),
    );
    expect(redirected.status).toBe(303);
    expect(redirected.headers.get("location")).toContain("key=up%2Fphoto.png");
  });

  test("does no more than its policy says", async () => {
    const Bucket = await newBucket(s3);
    const codeOf = async (answer: Response) => /<Code>(\w+)</.exec(await answer.text())?.[1];
    const range = { Bucket, Conditions: [["content-length-range", 2, 5]] } as PresignedPostOptions & {
      Bucket: string;
    };
    expect(await codeOf(await post(range, new Blob(["x"])))).toBe("EntityTooSmall");
    expect(await codeOf(await post(range, new Blob(["123456"])))).toBe("EntityTooLarge");
    expect(await codeOf(await post({ Bucket }, new Blob(["x"]), { "Cache-Control": "no" }))).toBe(
      "AccessDenied",
    );
    expect(await codeOf(await post({ Bucket }, new Blob(["x"]), { key: "elsewhere" }))).toBe("AccessDenied");
    expect(await codeOf(await post({ Bucket, Expires: -1 }, new Blob(["x"])))).toBe("AccessDenied");
    expect(await codeOf(await post({ Bucket }, new Blob(["x"]), { "X-Amz-Signature": "0".repeat(64) }))).toBe(
      "SignatureDoesNotMatch",
    );
    expect((await s3.listObjectsV2({ Bucket })).KeyCount).toBe(0);
  });

  test("writes with the permissions of who signed it", async () => {
    const Bucket = await newBucket(s3);
    const writer = cloud.client(
      sdk.S3,
      await cloud.roleWith([
        { Effect: "Allow", Action: "s3:PutObject", Resource: `arn:aws:s3:::${Bucket}/up/*` },
      ]),
    );
    expect((await post({ Bucket }, new Blob(["x"]), {}, writer)).status).toBe(204);
    expect((await post({ Bucket, Key: "other" }, new Blob(["x"]), {}, writer)).status).toBe(403);
    const unsigned = new FormData();
    unsigned.set("key", "k");
    unsigned.set("file", new Blob(["x"]));
    const answer = await fetch(`${cloud.cloud.endpoint}/${Bucket}`, { method: "POST", body: unsigned });
    expect(answer.status).toBe(403);
  });

  test("that is none is refused", async () => {
    const Bucket = await newBucket(s3);
    const send = async (body: string, type = "multipart/form-data; boundary=b") => {
      const answer = await fetch(`${cloud.cloud.endpoint}/${Bucket}`, {
        method: "POST",
        body,
        headers: { "content-type": type },
      });
      return /<Code>(\w+)</.exec(await answer.text())?.[1];
    };
    expect(await send("nothing")).toBe("MalformedPOSTRequest");
    expect(await send("--b\r\ncontent-disposition: form-data; name=key\r\n\r\nk\r\n--b--\r\n")).toBe(
      "InvalidArgument",
    );
    expect(await send("--b\r\ncontent-disposition: form-data; name=file\r\n\r\nhalf a fi")).toBe(
      "InvalidArgument",
    );
    expect(await send(`--b\r\ncontent-disposition: form-data; name=key\r\n\r\n${"k".repeat(50_000)}`)).toBe(
      "MaxPostPreDataLengthExceeded",
    );
    expect(await send("x", "multipart/form-data")).toBe("PreconditionFailed");
  });
});

describe("a page of another origin", () => {
  test("may do what the bucket's CORS rules say", async () => {
    const Bucket = await newBucket(s3);
    await put(s3, Bucket, "k", "x");
    const url = `${cloud.cloud.endpoint}/${Bucket}/k`;
    const preflight = (origin: string, method: string, headers = "") =>
      fetch(url, {
        method: "OPTIONS",
        headers: {
          origin,
          "access-control-request-method": method,
          ...(headers && { "access-control-request-headers": headers }),
        },
      });
    expect((await preflight("https://a.example", "GET")).status).toBe(403);
    await s3.putBucketCors({
      Bucket,
      CORSConfiguration: {
        CORSRules: [
          {
            AllowedOrigins: ["https://*.example"],
            AllowedMethods: ["GET", "PUT"],
            AllowedHeaders: ["x-amz-*"],
            ExposeHeaders: ["ETag"],
            MaxAgeSeconds: 30,
          },
        ],
      },
    });
    const allowed = await preflight("https://a.example", "PUT", "X-Amz-Date, x-amz-acl");
    expect(allowed.status).toBe(200);
    expect(Object.fromEntries(allowed.headers)).toMatchObject({
      "access-control-allow-origin": "https://a.example",
      "access-control-allow-headers": "x-amz-date, x-amz-acl",
      "access-control-max-age": "30",
    });
    expect((await preflight("https://a.other", "PUT")).status).toBe(403);
    expect((await preflight("https://a.example", "DELETE")).status).toBe(403);
    expect((await preflight("https://a.example", "PUT", "authorization")).status).toBe(403);
    const signed = await getSignedUrl(s3, new sdk.GetObjectCommand({ Bucket, Key: "k" }), { expiresIn: 60 });
    const answer = await fetch(signed, { headers: { origin: "https://a.example" } });
    expect(answer.headers.get("access-control-allow-origin")).toBe("https://a.example");
    expect(answer.headers.get("access-control-expose-headers")).toBe("ETag");
    const foreign = await fetch(signed, { headers: { origin: "https://b.other" } });
    expect(foreign.headers.get("access-control-allow-origin")).toBeNull();
  });
});
