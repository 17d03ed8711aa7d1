/** `npm run test:aws`, `npm run test:cloudflare`: a small real deployment, for somebody who has an account. */

import { openAccount } from "../../packages/bowline/src/deploy/pulumi/aws-account.ts";
import { openCloudflare } from "../../packages/bowline/src/deploy/pulumi/cloudflare-account.ts";
import { BowlineError } from "../../packages/bowline/src/error.ts";
import { emptyR2 } from "./empty-r2.ts";
import { type CloudName, proofs } from "./proofs.ts";
import { prove } from "./prove.ts";

const CONSENT = { aws: "BOWLINE_TEST_AWS_ACCOUNT", cloudflare: "BOWLINE_TEST_CLOUDFLARE_ACCOUNT" } as const;

const cloud: CloudName = process.argv[2] === "cloudflare" ? "cloudflare" : "aws";
const proof = proofs[cloud];

console.log(`This deploys examples/${proof.example} to a real account, calls it and removes it. It makes:`);
for (const line of proof.creates) console.log(`- ${line}`);
console.log("All of it is named bowline-proof, tagged where tags are taken, and costs some cents at most.");

const account = process.env[CONSENT[cloud]];
if (!account) {
  console.error(`\nNothing was made: set ${CONSENT[cloud]} to the id of the account that is to be used.`);
  process.exit(2);
}

const stop = new AbortController();
let asked = 0;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    asked++;
    console.error(
      asked === 1
        ? "\nStopping; what was made is removed first."
        : "Still removing what was made: please wait.",
    );
    stop.abort(new Error("It was stopped."));
  });
}

try {
  if (cloud === "aws") await openAccount({ accountId: account });
  else process.env.CLOUDFLARE_DEFAULT_ACCOUNT_ID = (await openCloudflare({ accountId: account })).accountId;
  await prove({
    proof,
    env: process.env,
    say: (line) => console.log(line),
    signal: stop.signal,
    ...(cloud === "cloudflare" ? { empty: emptyR2 } : {}),
  });
  console.log("\nIt holds.");
} catch (cause) {
  console.error(`\n${cause instanceof Error ? cause.message : String(cause)}`);
  if (cause instanceof BowlineError && cause.hint) console.error(`  ${cause.hint}`);
  process.exitCode = cause instanceof BowlineError ? cause.exitCode : 1;
}
