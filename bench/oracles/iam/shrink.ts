/** Makes a case that shows a difference as small as it still shows it. */
import type { PolicyDocument, PolicyStatement } from "../../../packages/cloud/src/iam/policy.ts";
import type { Case } from "./cases.ts";

const documents = ["boundary", "session", "resourcePolicy"] as const;

function* smallerStatements(statement: PolicyStatement): Generator<PolicyStatement> {
  if (statement.Condition) {
    yield { ...statement, Condition: undefined };
    for (const operator of Object.keys(statement.Condition)) {
      const { [operator]: _gone, ...rest } = statement.Condition;
      if (Object.keys(rest).length > 0) yield { ...statement, Condition: rest };
    }
  }
  for (const member of ["Action", "NotAction", "Resource", "NotResource"] as const) {
    const values = statement[member];
    if (Array.isArray(values)) for (const value of values) yield { ...statement, [member]: value };
  }
}

function* smallerDocuments(document: PolicyDocument): Generator<PolicyDocument> {
  const statements = [document.Statement].flat() as PolicyStatement[];
  for (const [index, statement] of statements.entries()) {
    if (statements.length > 1) yield { ...document, Statement: statements.toSpliced(index, 1) };
    for (const smaller of smallerStatements(statement)) {
      yield { ...document, Statement: statements.toSpliced(index, 1, smaller) };
    }
  }
}

function* smallerCases(question: Case): Generator<Case> {
  for (const name of documents) {
    const document = question[name];
    if (!document) continue;
    yield { ...question, [name]: undefined };
    for (const smaller of smallerDocuments(document)) yield { ...question, [name]: smaller };
  }
  for (const [index, document] of question.identity.entries()) {
    yield { ...question, identity: question.identity.toSpliced(index, 1) };
    for (const smaller of smallerDocuments(document)) {
      yield { ...question, identity: question.identity.toSpliced(index, 1, smaller) };
    }
  }
  for (const key of Object.keys(question.context)) {
    const { [key]: _gone, ...context } = question.context;
    yield { ...question, context };
  }
}

export async function shrink(question: Case, differs: (smaller: Case) => Promise<boolean>): Promise<Case> {
  let current = question;
  for (;;) {
    let found: Case | undefined;
    for (const smaller of smallerCases(current)) {
      // The way over JSON drops the members that were set to undefined.
      const plain = { ...smaller, ...JSON.parse(JSON.stringify(smaller)) } as Case;
      if (await differs(plain)) {
        found = plain;
        break;
      }
    }
    if (!found) return current;
    current = found;
  }
}
