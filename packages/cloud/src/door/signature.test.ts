import { createHmac } from "node:crypto";
import { request as httpRequest } from "node:http";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { afterAll, describe, expect, it } from "vitest";
import { startTestCloud } from "../testing.ts";
import { sign } from "./sign.ts";

const test = await startTestCloud();
afterAll(() => test[Symbol.asyncDispose]());
const Bucket = "signed";
const s3 = test.client(S3Client);
await s3.send(new CreateBucketCommand({ Bucket }));
await s3.send(new PutObjectCommand({ Bucket, Key: "a b/ü+(1).txt", Body: "hello" }));

describe("a presigned URL", () => {
  const get = new GetObjectCommand({ Bucket, Key: "a b/ü+(1).txt" });

  it("opens what it was signed for, with the rights of who signed it", async () => {
    expect(await (await fetch(await getSignedUrl(s3, get))).text()).toBe("hello");
    const reader = test.client(
      S3Client,
      await test.roleWith([
        { Effect: "Allow", Action: "s3:GetObject", Resource: `arn:aws:s3:::${Bucket}/*` },
      ]),
    );
    expect(await (await fetch(await getSignedUrl(reader, get))).text()).toBe("hello");
    const put = await getSignedUrl(reader, new PutObjectCommand({ Bucket, Key: "new" }));
    expect((await fetch(put, { method: "PUT", body: "x" })).status).toBe(403);
  });

  it("is refused when it has expired, was changed, or lost its session token", async () => {
    const old = await getSignedUrl(s3, get, { expiresIn: 60, signingDate: new Date(Date.now() - 61_000) });
    expect(await (await fetch(old)).text()).toContain("Request has expired");
    const early = await getSignedUrl(s3, get, { signingDate: new Date(Date.now() + 3_600_000) });
    expect((await fetch(early)).status).toBe(403);
    const url = await getSignedUrl(s3, get);
    for (const changed of [
      url.replace("a%20b", "a%20c"),
      url.replace(/X-Amz-Expires=\d+/, "X-Amz-Expires=604800"),
      `${url}&versionId=1`,
      url.replace(/Signature=..../, "Signature=0000"),
    ]) {
      const answer = await fetch(changed);
      expect(answer.status).toBe(403);
      expect(await answer.text()).toContain("SignatureDoesNotMatch");
    }
    const session = test.client(
      S3Client,
      await test.roleWith([{ Effect: "Allow", Action: "*", Resource: "*" }]),
    );
    const bare = (await getSignedUrl(session, get)).replace(/X-Amz-Security-Token=[^&]*&/, "");
    expect(await (await fetch(bare)).text()).toContain("InvalidAccessKeyId");
  });

  it("may not last longer than a week", async () => {
    const url = (await getSignedUrl(s3, get)).replace(/X-Amz-Expires=\d+/, "X-Amz-Expires=604801");
    expect(await (await fetch(url)).text()).toContain("AuthorizationQueryParametersError");
  });
});

describe("an unsigned request", () => {
  it("is anonymous, and gets nothing that is not public", async () => {
    const denied = await fetch(`${test.cloud.endpoint}/${Bucket}/a`);
    expect(denied.status).toBe(403);
    expect(await denied.text()).toContain("<Code>AccessDenied</Code>");
    expect(test.cloud.audit({ principal: "anonymous" })).toMatchObject([
      { action: "s3:GetObject", decision: "deny" },
    ]);
  });

  it("is told to sign when it is for a service that knows nobody", async () => {
    const answer = await fetch(test.cloud.endpoint, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": "DynamoDB_20120810.ListTables",
      },
      body: "{}",
    });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain("MissingAuthenticationToken");
  });
});

describe("a virtual host", () => {
  it.each([".s3.localhost", ".localhost", ".s3.us-east-1.localhost"])(
    "names the bucket: BUCKET%s",
    async (suffix) => {
      const host = `${Bucket}${suffix}:${test.cloud.port}`;
      const { headers } = sign(
        { method: "GET", path: "/a%20b/%C3%BC%2B%281%29.txt" },
        {
          credentials: test.cloud.credentials,
          service: "s3",
          host,
        },
      );
      const text = await new Promise<string>((resolve, reject) => {
        const options = {
          host: "127.0.0.1",
          port: test.cloud.port,
          path: "/a%20b/%C3%BC%2B%281%29.txt",
          headers,
        };
        httpRequest(options, (response) => {
          let body = "";
          response.on("data", (data) => {
            body += data;
          });
          response.on("end", () => resolve(body));
        })
          .on("error", reject)
          .end();
      });
      expect(text).toBe("hello");
    },
  );
});

describe("a header the signature does not cover", () => {
  it("is refused when it would change what the request means", async () => {
    const path = `/${Bucket}/copy`;
    const { headers } = sign(
      { method: "PUT", path },
      {
        credentials: test.cloud.credentials,
        service: "s3",
        host: `127.0.0.1:${test.cloud.port}`,
      },
    );
    const answer = await fetch(`${test.cloud.endpoint}${path}`, {
      method: "PUT",
      headers: { ...headers, "x-amz-copy-source": `/${Bucket}/open/file` },
    });
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain("not signed: x-amz-copy-source");
  });
});

describe("a URL presigned the old way, as boto3 does", () => {
  const { accessKeyId, secretAccessKey } = test.cloud.credentials;
  const path = `/${Bucket}/a%20b/%C3%BC%2B%281%29.txt`;

  function presign(expires: number, method = "GET"): string {
    const text = `${method}\n\n\n${expires}\n${path}?response-content-type=text/css`;
    const signature = createHmac("sha1", secretAccessKey).update(text).digest("base64");
    const query = new URLSearchParams({
      AWSAccessKeyId: accessKeyId,
      Signature: signature,
      Expires: String(expires),
    });
    return `${test.cloud.endpoint}${path}?response-content-type=text%2Fcss&${query}`;
  }
  const soon = Math.floor(Date.now() / 1000) + 60;

  it("is understood", async () => {
    const answer = await fetch(presign(soon));
    expect([await answer.text(), answer.headers.get("content-type")]).toEqual(["hello", "text/css"]);
  });

  it("is refused when it has expired or was changed", async () => {
    expect(await (await fetch(presign(soon - 120))).text()).toContain("Request has expired");
    for (const changed of [
      presign(soon).replace("css", "html"),
      presign(soon).replace(`=${soon}`, `=${soon + 1}`),
    ]) {
      expect(await (await fetch(changed)).text()).toContain("SignatureDoesNotMatch");
    }
    const asDelete = await fetch(presign(soon), { method: "DELETE" });
    expect(asDelete.status).toBe(403);
  });
});
