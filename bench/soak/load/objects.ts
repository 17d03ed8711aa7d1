/** S3: each worker has keys of its own, so that it knows what each may hold; bodies say what they are. */
import { createHash } from "node:crypto";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import type { Driver, Load } from "../driver.ts";

const Bucket = "soak-objects";
const WORKERS = 4;
const KEYS = 24;
const PART = 5 * 1024 * 1024;

/** What a key may hold: a token, or nothing. More than one while the outcome of a write is not known. */
type State = Set<string | undefined>;

/** `TOKEN-SIZE` names the bytes: the token's line, then what its hash repeats. */
function bodyOf(token: string): Buffer {
  const size = Number(token.slice(token.lastIndexOf("-") + 1));
  const body = Buffer.alloc(size, createHash("sha256").update(token).digest());
  body.write(`${token}\n`);
  return body;
}

export async function objects(driver: Driver): Promise<Load> {
  const { clients, ledger } = driver;
  const { s3 } = clients;
  const name = "s3";
  await driver.insist(name, () => s3.send(new CreateBucketCommand({ Bucket })));
  const all = Array.from({ length: WORKERS }, (_, index) => worker(index));

  function worker(index: number) {
    const random = driver.random(`s3 ${index}`);
    const prefix = `worker-${index}/`;
    const states = new Map<string, State>();
    let epoch = driver.epoch();
    let writes = 0;

    const stateOf = (key: string): State => states.get(key) ?? new Set([undefined]);
    const newToken = (size: number) => `${index}.${writes++}-${size}`;
    const anyKey = () => `${prefix}${random.below(KEYS)}`;
    const anySize = () =>
      random.pick([() => 64, () => 64 + random.below(4000), () => 64 + random.below(300_000)])();

    /** The last word on a key, or a further possibility. */
    function noted(key: string, kind: "done" | "unknown", value: string | undefined): void {
      states.set(key, kind === "done" ? new Set([value]) : new Set([...stateOf(key), value]));
      ledger.count(name, kind === "done" ? "writes acknowledged" : "writes of unknown outcome");
    }

    async function put(key: string): Promise<void> {
      const token = newToken(anySize());
      const outcome = await driver.attempt(name, () =>
        s3.send(new PutObjectCommand({ Bucket, Key: key, Body: bodyOf(token) })),
      );
      if (outcome.kind === "refused") throw new Error(`put refused: ${outcome.code} ${outcome.message}`);
      noted(key, outcome.kind, token);
    }

    async function remove(keys: readonly string[]): Promise<void> {
      const [Key] = keys;
      const outcome = await driver.attempt(name, async () =>
        keys.length === 1
          ? void (await s3.send(new DeleteObjectCommand({ Bucket, Key })))
          : void (await s3.send(
              new DeleteObjectsCommand({ Bucket, Delete: { Objects: keys.map((key) => ({ Key: key })) } }),
            )),
      );
      if (outcome.kind === "refused") throw new Error(`delete refused: ${outcome.code} ${outcome.message}`);
      for (const key of keys) noted(key, outcome.kind, undefined);
    }

    async function copy(from: string, to: string): Promise<void> {
      // An object is not copied to itself.
      if (from === to) return;
      await read(from);
      const [token] = stateOf(from);
      if (token === undefined) return;
      const outcome = await driver.attempt(name, () =>
        s3.send(new CopyObjectCommand({ Bucket, Key: to, CopySource: `${Bucket}/${from}` })),
      );
      if (outcome.kind === "refused") throw new Error(`copy refused: ${outcome.code} ${outcome.message}`);
      noted(to, outcome.kind, token);
    }

    /** Every step is repeated until it is answered, over kills, as a client with an upload id may. */
    async function multipart(key: string): Promise<void> {
      const token = newToken(PART + 64 + random.below(PART / 4));
      const body = bodyOf(token);
      const { UploadId } = await driver.insist(name, () =>
        s3.send(new CreateMultipartUploadCommand({ Bucket, Key: key })),
      );
      const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
      for (const [at, part] of [body.subarray(0, PART), body.subarray(PART)].entries()) {
        const PartNumber = at + 1;
        const { ETag } = await driver.insist(name, () =>
          s3.send(new UploadPartCommand({ Bucket, Key: key, UploadId, PartNumber, Body: part })),
        );
        Parts.push({ PartNumber, ETag });
      }
      if (random.percent(20)) {
        await driver.attempt(name, () =>
          s3.send(new AbortMultipartUploadCommand({ Bucket, Key: key, UploadId })),
        );
        return;
      }
      const complete = () =>
        driver.attempt(name, () =>
          s3.send(
            new CompleteMultipartUploadCommand({ Bucket, Key: key, UploadId, MultipartUpload: { Parts } }),
          ),
        );
      let outcome = await complete();
      if (outcome.kind === "unknown") {
        noted(key, "unknown", token);
        outcome = await complete();
        // It was complete already.
        if (outcome.kind === "refused" && outcome.code === "NoSuchUpload") return noted(key, "done", token);
      }
      if (outcome.kind === "refused") throw new Error(`complete refused: ${outcome.code} ${outcome.message}`);
      noted(key, outcome.kind, token);
      ledger.count(name, "multipart uploads");
    }

    async function read(key: string): Promise<void> {
      const outcome = await driver.attempt(name, async () => {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: key }));
        return Buffer.from((await Body?.transformToByteArray()) ?? []);
      });
      if (outcome.kind === "unknown") return;
      ledger.count(name, "reads checked");
      const state = stateOf(key);
      if (outcome.kind === "refused") {
        if (outcome.code !== "NoSuchKey") throw new Error(`get refused: ${outcome.code} ${outcome.message}`);
        if (!state.has(undefined)) ledger.violation(name, `${key} is gone; it held ${[...state]}`);
        states.set(key, new Set([undefined]));
        return;
      }
      const body = outcome.value;
      const token = body.subarray(0, Math.max(body.indexOf("\n"), 0)).toString();
      if (!state.has(token)) ledger.violation(name, `${key} holds ${token}; it should hold ${[...state]}`);
      else if (!bodyOf(token).equals(body)) ledger.violation(name, `${key} is torn: ${token}`);
      states.set(key, new Set([token]));
    }

    async function list(): Promise<void> {
      const found = new Set<string>();
      let ContinuationToken: string | undefined;
      do {
        const outcome = await driver.attempt(name, () =>
          s3.send(new ListObjectsV2Command({ Bucket, Prefix: prefix, MaxKeys: 10, ContinuationToken })),
        );
        if (outcome.kind !== "done") return;
        for (const { Key = "" } of outcome.value.Contents ?? []) found.add(Key);
        ContinuationToken = outcome.value.NextContinuationToken;
      } while (ContinuationToken);
      ledger.count(name, "lists checked");
      for (const [key, state] of states) {
        if (!state.has(undefined) && !found.has(key)) ledger.violation(name, `the list lacks ${key}`);
        if (state.size === 1 && state.has(undefined) && found.has(key)) {
          ledger.violation(name, `the list still has ${key}, which was deleted`);
        }
      }
    }

    async function verify(): Promise<void> {
      await list();
      for (const key of [...states.keys()]) await read(key);
    }

    async function round(): Promise<void> {
      if (epoch !== driver.epoch()) {
        epoch = driver.epoch();
        await verify();
      }
      const dice = random.below(1000);
      if (dice < 400) return put(anyKey());
      if (dice < 700) return read(anyKey());
      if (dice < 790) return remove([anyKey()]);
      if (dice < 820) return remove([...new Set([anyKey(), anyKey(), anyKey()])]);
      if (dice < 900) return copy(anyKey(), anyKey());
      if (dice < 990) return list();
      return multipart(anyKey());
    }

    return { round, verify };
  }

  return {
    name,
    workers: all.map(({ round }) => round),
    missing: () => [],
    async check() {
      for (const { verify } of all) await verify();
    },
  };
}
