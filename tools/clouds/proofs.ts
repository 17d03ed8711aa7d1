/** What is deployed to a real account to prove that it works there, and what is called then. */

export type CloudName = "aws" | "cloudflare";

export interface Call {
  /** The component with the URL, and the output of the program that has it as well. */
  readonly of: string;
  readonly output: string;
  readonly method?: string;
  readonly path: string;
  readonly body?: string;
}

export interface Proof {
  readonly cloud: CloudName;
  /** A folder of `examples`. */
  readonly example: string;
  /** Names everything that is made. */
  readonly app: string;
  /** Said before anything is made. */
  readonly creates: readonly string[];
  readonly calls: readonly Call[];
  /**
   * Deploys twice before it is asked whether anything would change: what makes a Worker's Durable Objects is said once,
   * so that the deployment after it has less to say.
   */
  readonly twice?: boolean;
}

const harbour = (method: string, path: string, body?: string): Call => ({
  of: "Harbour",
  output: "url",
  method,
  path,
  ...(body === undefined ? {} : { body }),
});

export const proofs: Readonly<Record<CloudName, Proof>> = {
  aws: {
    cloud: "aws",
    example: "quickstart",
    app: "bowline-proof",
    creates: [
      "an S3 bucket and a DynamoDB table, empty",
      "two Lambda functions (Node and Python) with public URLs, log groups and roles of their own",
      "the state bucket bowline-state-ACCOUNT-REGION, if there is none; it stays, for it is that of all stages",
      "an SSM parameter with the passphrase of this stage",
    ],
    calls: [
      { of: "Api", output: "api", method: "POST", path: "/", body: '{"item":"rope","price":10}' },
      { of: "Report", output: "report", method: "GET", path: "/" },
    ],
  },
  cloudflare: {
    cloud: "cloudflare",
    example: "cloudflare-worker",
    twice: true,
    app: "bowline-proof",
    creates: [
      "an R2 bucket, a KV namespace, a D1 database and a queue, empty",
      "three Workers, one of them with a public workers.dev URL, a Durable Object and static assets",
      "the R2 bucket bowline-state, if there is none; it stays, for it is that of all stages",
    ],
    calls: [
      harbour("GET", "/"),
      harbour("PUT", "/photos/mole", "a photo"),
      harbour("GET", "/photos/mole"),
      harbour("PUT", "/sessions/ada", "kept"),
      harbour("POST", "/berths/gannet"),
      harbour("GET", "/visits"),
      harbour("GET", "/tide?hour=1"),
      harbour("GET", "/chart.txt"),
    ],
  },
};

export interface Answer {
  readonly call: string;
  readonly status: number;
  readonly body: string;
}

/** What differs between two stages without anything being wrong: their names, and ids made by chance. */
export function comparable(answers: readonly Answer[], stage: string): Answer[] {
  return answers.map(({ call, status, body }) => ({
    call,
    status,
    body: body
      .replaceAll(stage, "STAGE")
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "ID"),
  }));
}
