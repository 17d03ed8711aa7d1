/** The checks that not both pass, and which of the two AWS agrees with. */

export interface Difference {
  /** Who may fail it. */
  readonly fails: readonly ("ours" | "moto")[];
  readonly why: string;
}

export const knownDifferences: Readonly<Record<string, Difference>> = {
  "a presigned URL that expired is refused": {
    fails: ["moto"],
    why: "AWS refuses it: S3 API reference, “Authenticating Requests: Using Query Parameters”, X-Amz-Expires.",
  },
  "content that is not what Content-MD5 says is refused": {
    fails: ["moto"],
    why: "AWS answers BadDigest: S3 API reference, PutObject, Content-MD5.",
  },
  "dead letters move back": {
    fails: ["moto"],
    why: "AWS moves them to their source queue: SQS API reference, StartMessageMoveTask. moto fails with an internal error.",
  },
  PartiQL: {
    fails: ["ours", "moto"],
    why: "AWS has it. The local cloud answers NotImplemented and names the operations to use instead. moto reads every table there is for it, and fails where another lane left one that it cannot read.",
  },
};
