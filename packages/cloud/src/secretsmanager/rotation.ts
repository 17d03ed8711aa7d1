/** Rotation: a function makes a new version in four steps, which Secrets Manager calls one after the other. */

import { randomUUID } from "node:crypto";
import { type Input, optionalText } from "../protocol/json-input.ts";
import { type Alarm, alarm } from "../schedule/alarm.ts";
import { parseSchedule, ScheduleError } from "../schedule/expression.ts";
import { type AccessRequest, type Operation, operation } from "../service.ts";
import { invalid, invalidRequest } from "./errors.ts";
import { optionalInteger, tokenIn } from "./input.ts";
import type { Rotation, RotationRules, Secret } from "./model.ts";
import { onSecret, type Room } from "./room.ts";
import { holderOf, moveStage, pending, prune, versionOf } from "./stages.ts";

const dayLength = 24 * 3600 * 1000;
const steps = ["createSecret", "setSecret", "testSecret", "finishSecret"] as const;

function rulesIn(input: Input): RotationRules | undefined {
  if (input.RotationRules === undefined || input.RotationRules === null) return undefined;
  if (typeof input.RotationRules !== "object") throw invalid("RotationRules must be a structure.");
  const given = input.RotationRules as Input;
  const rules = {
    AutomaticallyAfterDays: optionalInteger(given, "AutomaticallyAfterDays", 1, 1000),
    Duration: optionalText(given, "Duration"),
    ScheduleExpression: optionalText(given, "ScheduleExpression"),
  };
  if (rules.AutomaticallyAfterDays !== undefined && rules.ScheduleExpression !== undefined) {
    throw invalid("RotationRules has either AutomaticallyAfterDays or a ScheduleExpression, not both.");
  }
  try {
    nextTime(rules, Date.now());
  } catch (error) {
    if (error instanceof ScheduleError) throw invalid(error.message);
    throw error;
  }
  return rules;
}

function nextTime(rules: RotationRules | undefined, after: number): number | undefined {
  if (rules?.AutomaticallyAfterDays !== undefined) return after + rules.AutomaticallyAfterDays * dayLength;
  if (rules?.ScheduleExpression === undefined) return undefined;
  return parseSchedule(rules.ScheduleExpression).next(after, after);
}

export interface Rotations {
  readonly operations: Record<string, Operation>;
  start(): void;
  stop(): void;
}

export function rotations(room: Room): Rotations {
  const { hub, store } = room;
  const underWay = new Set<string>();
  let stopped = false;
  const clock: Alarm = alarm((arn) => begin(arn, randomUUID()));

  function wind(arn: string): void {
    const rotation = store.byArn(arn)?.rotation;
    clock.set(arn, rotation?.enabled ? rotation.next : undefined);
  }

  function put(secret: Secret, rotation: Rotation): Secret {
    const changed = { ...secret, rotation };
    store.put(changed);
    wind(secret.arn);
    return changed;
  }

  /** Marks the version that is to be made, for the function to find, and has it made. */
  function begin(arn: string, token: string): void {
    const secret = room.find(arn);
    const functionArn = secret?.rotation?.functionArn;
    if (!secret || secret.deletion !== undefined || functionArn === undefined) return;
    const made = versionOf(secret.versions, token);
    const versions = made
      ? secret.versions
      : prune([...secret.versions, { id: token, created: Date.now(), stages: [] }]);
    store.put({ ...secret, versions: moveStage(versions, pending, token) });
    underWay.add(arn);
    carryOut(arn, functionArn, token)
      // A step that fails ends the turn: the audit log has the denial, the function's log the rest.
      .catch(() => {})
      .then(() => {
        underWay.delete(arn);
        if (!stopped) finish(arn);
      });
  }

  async function carryOut(arn: string, functionArn: string, token: string): Promise<void> {
    for (const Step of steps) {
      const answer = await hub.call({
        service: "lambda",
        operation: "Invoke",
        input: {
          FunctionName: functionArn,
          InvocationType: "RequestResponse",
          Payload: JSON.stringify({ Step, SecretId: arn, ClientRequestToken: token }),
        },
        as: {
          kind: "service",
          service: "secretsmanager.amazonaws.com",
          sourceArn: arn,
          accountId: hub.accountId,
        },
      });
      if ((answer as { FunctionError?: string }).FunctionError !== undefined) return;
    }
    const secret = stopped ? undefined : store.byArn(arn);
    const rotation = secret?.rotation;
    if (secret && rotation) put(secret, { ...rotation, last: Date.now() });
  }

  /** Sets the time of the next turn, whether this one went well or not. */
  function finish(arn: string): void {
    const secret = store.byArn(arn);
    const rotation = secret?.rotation;
    if (secret && rotation) put(secret, { ...rotation, next: nextTime(rotation.rules, Date.now()) });
  }

  const functionOf = (input: Input, secret: Secret | undefined) =>
    optionalText(input, "RotationLambdaARN") ?? secret?.rotation?.functionArn;

  const operations = {
    RotateSecret: operation<Input, unknown>({
      access(input): readonly AccessRequest[] {
        const functionArn = functionOf(input, room.find(optionalText(input, "SecretId") ?? ""));
        const facts: Record<string, string> =
          typeof input.RotationLambdaARN === "string"
            ? { "secretsmanager:RotationLambdaARN": input.RotationLambdaARN }
            : {};
        const rotate = room.request("RotateSecret", input.SecretId, facts);
        // Whoever has a function called must be allowed to call it.
        return functionArn === undefined
          ? [rotate]
          : [rotate, { action: "lambda:InvokeFunction", resource: functionArn }];
      },
      run(input, call) {
        const secret = room.living(input);
        const token = tokenIn(input);
        const functionArn = functionOf(input, secret);
        if (functionArn === undefined) {
          throw invalidRequest("No Lambda rotation function ARN is associated with this secret.");
        }
        const rules = rulesIn(input) ?? secret.rotation?.rules;
        if (underWay.has(secret.arn)) {
          throw invalidRequest("A previous rotation isn't complete. That rotation will be reattempted.");
        }
        put(secret, {
          ...secret.rotation,
          enabled: true,
          functionArn,
          rules,
          next: nextTime(rules, call.time),
        });
        if (input.RotateImmediately !== false) begin(secret.arn, token);
        return { ARN: secret.arn, Name: secret.name, VersionId: token };
      },
    }),
    CancelRotateSecret: operation<Input, unknown>({
      access: onSecret(room, "CancelRotateSecret"),
      run(input) {
        const secret = room.living(input);
        put(secret, { ...secret.rotation, enabled: false });
        return {
          ARN: secret.arn,
          Name: secret.name,
          VersionId: holderOf(secret.versions, pending)?.id,
        };
      },
    }),
  };

  return {
    operations,
    start() {
      for (const { arn } of store.all()) wind(arn);
    },
    stop() {
      stopped = true;
      clock.stop();
    },
  };
}
