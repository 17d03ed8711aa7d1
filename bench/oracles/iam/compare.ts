/** Asks our evaluator and the oracle the same random questions: `node compare.ts [cases] [seed]`. */
import { anonymousPrincipal, runSimulation, type Simulation } from "@cloud-copilot/iam-simulate";
import { compilePolicy, evaluate } from "../../../packages/cloud/src/iam/evaluate.ts";
import type { Principal } from "../../../packages/cloud/src/service.ts";
import { caseCount, report } from "../lane.ts";
import { type Case, makeCase } from "./cases.ts";
import { explainDifference } from "./known-differences.ts";
import { seeded } from "./random.ts";
import { shrink } from "./shrink.ts";

type Result = "Allowed" | "ExplicitlyDenied" | "ImplicitlyDenied";

function ours(question: Case): Result {
  const context = new Map(Object.entries(question.context).map(([key, value]) => [key.toLowerCase(), value]));
  const decision = evaluate({
    principal: question.principal,
    action: question.action,
    resource: question.resource,
    context: (key) => context.get(key),
    identity: question.identity.map((document) => compilePolicy(document, "identity")),
    boundary: question.boundary && compilePolicy(question.boundary, "boundary"),
    session: question.session && [compilePolicy(question.session, "session")],
    resourcePolicy: question.resourcePolicy && compilePolicy(question.resourcePolicy, "resource"),
  });
  if (decision.allowed) return "Allowed";
  return decision.explicit ? "ExplicitlyDenied" : "ImplicitlyDenied";
}

function oraclePrincipal(principal: Principal): Simulation["request"]["principal"] {
  if (principal.kind === "anonymous") return anonymousPrincipal;
  return principal.kind === "service" ? principal.service : principal.arn;
}

async function theirs(question: Case): Promise<Result | { readonly refused: string }> {
  const simulation: Simulation = {
    request: {
      principal: oraclePrincipal(question.principal),
      action: question.action,
      resource: { resource: question.resource, accountId: "000000000000" },
      contextVariables: { ...question.context },
    },
    identityPolicies: question.identity.map((policy, index) => ({ name: `identity${index}`, policy })),
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    resourcePolicy: question.resourcePolicy,
    permissionBoundaryPolicies: question.boundary && [{ name: "boundary", policy: question.boundary }],
    sessionPolicy: question.session,
  };
  const answer = await runSimulation(simulation, {});
  if (answer.resultType === "error") return { refused: JSON.stringify(answer.errors) };
  return answer.overallResult as Result;
}

const cases = Number(process.argv[2] ?? caseCount(100_000));
const seed = Number(process.argv[3] ?? 20_261_121);
const shown = 10;
const random = seeded(seed);
const results: Record<string, number> = {};
const refusals: Record<string, number> = {};
const explained: Record<string, number> = {};
let unexplained = 0;
let ourTime = 0;
let theirTime = 0;

for (let index = 0; index < cases; index++) {
  const question = makeCase(random);
  const start = performance.now();
  const mine = ours(question);
  const between = performance.now();
  const oracle = await theirs(question);
  theirTime += performance.now() - between;
  ourTime += between - start;
  if (typeof oracle === "object") {
    const reason = oracle.refused.slice(0, 140);
    refusals[reason] = (refusals[reason] ?? 0) + 1;
    continue;
  }
  results[oracle] = (results[oracle] ?? 0) + 1;
  if (mine === oracle) continue;
  const why = explainDifference(question, mine, oracle);
  if (why) {
    explained[why] = (explained[why] ?? 0) + 1;
    continue;
  }
  if (++unexplained <= shown) {
    console.log(`Difference in case ${index}: ours ${mine}, oracle ${oracle}`);
    const smallest = await shrink(question, async (smaller) => {
      const answer = await theirs(smaller);
      return typeof answer === "string" && answer !== ours(smaller);
    });
    console.log(
      `ours ${ours(smallest)}, oracle ${JSON.stringify(await theirs(smallest))}:`,
      JSON.stringify(smallest),
    );
  }
}

console.log({
  cases,
  seed,
  results,
  unexplained,
  explained,
  refusals,
  "ours, ms each, compiling included": (ourTime / cases).toFixed(4),
  "oracle, ms each": (theirTime / cases).toFixed(4),
});
const sum = (counts: Record<string, number>) => Object.values(counts).reduce((a, b) => a + b, 0);
report({ cases, explained: sum(explained), unexplained });
// A case that the oracle refuses compares nothing: few are an accident, many would be a lane that sleeps.
if (sum(refusals) >= cases / 20) throw new Error(`The oracle refused ${sum(refusals)} of ${cases} cases.`);
