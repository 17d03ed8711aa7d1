/** The checks that only one of the two passes, and which of them AWS agrees with. */

export interface Difference {
  readonly fails: "ours" | "moto";
  readonly why: string;
}

export const knownDifferences: Readonly<Record<string, Difference>> = {
  "a presigned URL that expired is refused": {
    fails: "moto",
    why: "AWS refuses it: S3 API reference, “Authenticating Requests: Using Query Parameters”, X-Amz-Expires.",
  },
  "content that is not what Content-MD5 says is refused": {
    fails: "moto",
    why: "AWS answers BadDigest: S3 API reference, PutObject, Content-MD5.",
  },
  "dead letters move back": {
    fails: "moto",
    why: "AWS moves them to their source queue: SQS API reference, StartMessageMoveTask. moto fails with an internal error.",
  },
  PartiQL: {
    fails: "ours",
    why: "AWS has it. The local cloud answers NotImplemented and names the operations to use instead.",
  },
};
