/** AddPermission and RemovePermission: one labelled statement of the queue's policy each. */
import type { PolicyDocument, PolicyStatement } from "../iam/policy.ts";
import { type Operation, operation } from "../service.ts";
import { invalidParameter, invalidValue, missing } from "./errors.ts";
import { type Input, requiredText, texts } from "./input.ts";
import type { Queue } from "./model.ts";
import type { SqsState } from "./state.ts";

const grantable = new Set([
  "*",
  "ChangeMessageVisibility",
  "DeleteMessage",
  "GetQueueAttributes",
  "GetQueueUrl",
  "ListDeadLetterSourceQueues",
  "PurgeQueue",
  "ReceiveMessage",
  "SendMessage",
]);

function statementsOf(queue: Queue): readonly PolicyStatement[] {
  const statements = queue.settings.policy?.Statement ?? [];
  return Array.isArray(statements) ? statements : [statements as PolicyStatement];
}

function withStatements(queue: Queue, statements: readonly PolicyStatement[]) {
  const { Policy: _, ...attributes } = queue.attributes;
  if (statements.length === 0) return attributes;
  const policy: PolicyDocument = {
    Version: "2012-10-17",
    Id: `${queue.arn}/SQSDefaultPolicy`,
    ...queue.settings.policy,
    Statement: statements,
  };
  return { ...attributes, Policy: JSON.stringify(policy) };
}

export function permissionOperations(state: SqsState): Record<string, Operation> {
  return {
    AddPermission: operation({
      access: (input: Input) => [{ action: "sqs:AddPermission", resource: state.arn(input) }],
      async run(input: Input) {
        const queue = state.queue(input);
        const label = requiredText(input, "Label");
        const accounts = texts(input, "AWSAccountIds");
        const actions = texts(input, "Actions");
        if (accounts.length === 0) throw missing("AWSAccountIds");
        if (actions.length === 0) throw missing("Actions");
        if (actions.length > 7) {
          throw invalidParameter(
            `8 Actions were found, maximum allowed is 7.`.replace("8", String(actions.length)),
          );
        }
        const unknown = actions.find((action) => !grantable.has(action));
        if (unknown) {
          throw invalidValue(
            `SQS:${unknown}`,
            "ActionName",
            "Please refer to the appropriate WSDL for a list of valid actions",
          );
        }
        const statements = statementsOf(queue);
        if (statements.some(({ Sid }) => Sid === label)) {
          throw invalidValue(label, "Label", "Already exists");
        }
        const attributes = withStatements(queue, [
          ...statements,
          {
            Sid: label,
            Effect: "Allow",
            Principal: { AWS: accounts.map((account) => `arn:aws:iam::${account}:root`) },
            Action: actions.map((action) => `SQS:${action}`),
            Resource: queue.arn,
          },
        ]);
        await state.commit.write(() => state.queues.change(queue, { attributes }));
      },
    }),
    RemovePermission: operation({
      access: (input: Input) => [{ action: "sqs:RemovePermission", resource: state.arn(input) }],
      async run(input: Input) {
        const queue = state.queue(input);
        const label = requiredText(input, "Label");
        const statements = statementsOf(queue);
        const rest = statements.filter(({ Sid }) => Sid !== label);
        if (rest.length === statements.length) {
          throw invalidValue(label, "Label", "can't find label on existing policy");
        }
        const attributes = withStatements(queue, rest);
        await state.commit.write(() => state.queues.change(queue, { attributes }));
      },
    }),
  };
}
