/** Small texts that a home keeps beside the state of its stages, each under a key of its own. */

import { AwsRequestError, type Client } from "../../providers/client.ts";
import { parseXml } from "../../providers/xml.ts";

export interface HomeObjects {
  /** For messages: `s3://bowline-state-…`. */
  readonly where: string;
  /** Undefined when there is none. */
  read(key: string): Promise<string | undefined>;
  write(key: string, text: string): Promise<void>;
  remove(key: string): Promise<void>;
  /** The keys that begin with a prefix, in their order. */
  list(prefix: string): Promise<string[]>;
}

/** In a bucket of S3, or of what speaks as S3 does. */
export function bucketObjects(options: {
  readonly client: Client;
  readonly bucket: string;
  readonly where: string;
  /** A refusal as a person should read it; anything else as it is. */
  readonly explain: (cause: unknown, action: string, what: string) => unknown;
}): HomeObjects {
  const { client, bucket, where, explain } = options;
  const path = (key: string) => `/${bucket}/${key.split("/").map(encodeURIComponent).join("/")}`;
  const call = async (action: string, what: string, ...[method, to, more]: S3Call) => {
    try {
      return await client.s3(action, method, to, more);
    } catch (cause) {
      throw explain(cause, `s3:${action}`, `${what} ${where}`);
    }
  };
  return {
    where,
    async read(key) {
      try {
        return (await client.s3("GetObject", "GET", path(key))).text;
      } catch (cause) {
        if (cause instanceof AwsRequestError && cause.status === 404) return undefined;
        throw explain(cause, "s3:GetObject", `read ${where}`);
      }
    },
    async write(key, text) {
      await call("PutObject", "write to", "PUT", path(key), { body: text });
    },
    async remove(key) {
      await call("DeleteObject", "delete from", "DELETE", path(key));
    },
    async list(prefix) {
      const keys: string[] = [];
      let after: string | undefined;
      do {
        const query = { "list-type": 2, prefix, "continuation-token": after };
        const answer = await call("ListBucket", "list", "GET", `/${bucket}`, { query });
        const page = parseXml(answer.text).at("ListBucketResult");
        keys.push(...page.all("Contents").flatMap((entry) => entry.at("Key").text ?? []));
        after = page.at("IsTruncated").text === "true" ? page.at("NextContinuationToken").text : undefined;
      } while (after);
      return keys;
    },
  };
}

type S3Call = [method: string, path: string, more?: Parameters<Client["s3"]>[3]];
