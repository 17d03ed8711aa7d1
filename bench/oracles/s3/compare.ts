/**
 * Asks the local cloud and moto the same, call by call, and prints where their answers differ:
 * `node --conditions=source compare.ts`; `PYTHON` names an interpreter that has `moto[server]`.
 */
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { isDeepStrictEqual } from "node:util";
import { S3 } from "@aws-sdk/client-s3";
import { startTestCloud } from "../../../packages/cloud/src/testing.ts";
import { knownDifferences, membersMotoLacks } from "./known-differences.ts";
import { conversation, type Memory } from "./steps.ts";

const python = process.env.PYTHON ?? "python3";

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function startMoto() {
  const port = await freePort();
  const child = spawn(python, ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)], {
    stdio: "ignore",
    env: { ...process.env, MOTO_ACCOUNT_ID: "000000000000" },
  });
  const endpoint = `http://127.0.0.1:${port}`;
  let exited = false;
  child.once("exit", () => {
    exited = true;
  });
  while (
    !(await fetch(`${endpoint}/moto-api/`).then(
      (answer) => answer.ok,
      () => false,
    ))
  ) {
    if (exited) throw new Error(`${python} has no moto: install moto[server] and name its Python in PYTHON.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { endpoint, stop: () => child.kill() };
}

/** An answer without what may differ: times, ids, and names of ours or theirs. */
function comparable(value: unknown): unknown {
  if (value instanceof Date) return "a date";
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== "object" || value === null) return value;
  const result: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined || ignored.has(name)) continue;
    result[name] = opaque.has(name) && member !== "null" && member !== "" ? "opaque" : comparable(member);
  }
  return result;
}

const ignored = new Set([
  ...membersMotoLacks,
  "$metadata",
  "Owner",
  "Initiator",
  "Grants",
  "RequestId",
  "HostId",
  "Resource",
  "Message",
  "message",
]);
const opaque = new Set([
  "VersionId",
  "NextVersionIdMarker",
  "UploadId",
  "NextUploadIdMarker",
  "ContinuationToken",
  "NextContinuationToken",
  "DeleteMarkerVersionId",
  "CopySourceVersionId",
  "Location",
]);

async function ask(s3: S3): Promise<unknown[]> {
  const memory: Memory = { uploads: new Map(), etags: new Map(), versions: new Map(), tokens: new Map() };
  const answers: unknown[] = [];
  for (const [, call] of conversation) {
    answers.push(
      await call(s3, memory).then(
        (answer) => ({
          status: (answer as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode,
          ...(comparable(answer) as object),
        }),
        (error) => ({ error: error.name, status: error.$metadata?.httpStatusCode }),
      ),
    );
  }
  return answers;
}

const brief = (value: unknown) => JSON.stringify(value).slice(0, 700);

const options = { region: "us-east-1", forcePathStyle: true, maxAttempts: 1 } as const;
const moto = await startMoto();
await using test = await startTestCloud();
let unexplained = 0;
try {
  const theirs = await ask(
    new S3({
      ...options,
      endpoint: moto.endpoint,
      credentials: { accessKeyId: "AKIATEST", secretAccessKey: "x" },
    }),
  );
  const { endpoint, credentials } = test.cloud;
  const ours = await ask(new S3({ ...options, endpoint, credentials }));
  let same = 0;
  const explained = new Set<string>();
  conversation.forEach(([name], index) => {
    if (isDeepStrictEqual(ours[index], theirs[index])) {
      same++;
      return;
    }
    if (knownDifferences[name] !== undefined) {
      explained.add(name);
      return;
    }
    unexplained++;
    console.log(`${name}\n  ours ${brief(ours[index])}\n  moto ${brief(theirs[index])}`);
  });
  const stale = Object.keys(knownDifferences).filter((name) => !explained.has(name));
  if (stale.length > 0) console.log(`No longer different: ${stale.join(", ")}`);
  console.log(
    `${conversation.length} calls: ${same} the same, ${explained.size} explained, ${unexplained} not`,
  );
} finally {
  moto.stop();
}
process.exitCode = unexplained === 0 ? 0 : 1;
