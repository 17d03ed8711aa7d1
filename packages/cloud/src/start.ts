/** Starting the local cloud: opens its folder, makes its services, opens its door. */
import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { Cloud } from "./cloud.ts";
import { openAudit } from "./door/audit.ts";
import { createDoor } from "./door/door.ts";
import { close, defaultTimeouts, listen, openServer, type Timeouts } from "./door/server.ts";
import { AwsError } from "./error.ts";
import { type Authorizer, createAuthorizer } from "./iam/authorize.ts";
import { createIam } from "./iam/index.ts";
import { type IamStore, openIamStore } from "./iam/store.ts";
import { listener } from "./listener.ts";
import type { CloudOptions } from "./options.ts";
import type { Hub, Service } from "./service.ts";
import { services as factories } from "./services.ts";
import { type FolderLock, lockFolder } from "./store/lock.ts";
import { openDatabase } from "./store/sqlite.ts";
import { openCredentials } from "./sts/credentials.ts";
import { createSts } from "./sts/index.ts";

const serviceSession = 12 * 3600;

/**
 * Starts an AWS on loopback that keeps its data in `dir`.
 *
 * @example
 * const cloud = await startCloud({ dir: ".cloud" });
 * const s3 = new S3Client({ endpoint: cloud.endpoint, region: cloud.region, credentials: cloud.credentials });
 * await cloud.stop();
 */
export async function startCloud(
  options: CloudOptions & { readonly timeouts?: Partial<Timeouts> },
): Promise<Cloud> {
  const { region = "us-east-1", accountId = "000000000000", port: wantedPort = 0 } = options;
  const tell = listener(options.onEvent);
  const dir = resolve(options.dir);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const lock = lockFolder(dir);
  const databases = new Map<string, DatabaseSync>();
  // What to undo when stopping, last first; also when starting fails half way.
  const undo: (() => void | Promise<void>)[] = [() => closeAll(databases, lock)];
  try {
    const timeouts = { ...defaultTimeouts, ...options.timeouts };
    let endpoint = "";

    const database = (name: string): DatabaseSync => {
      let open = databases.get(name);
      if (!open) {
        open = openDatabase(join(dir, `${plainName(name)}.db`));
        databases.set(name, open);
      }
      return open;
    };

    const credentials = openCredentials(dir, accountId);
    const iam = openIamStore(database("iam"));
    const audit = openAudit(database("audit"));
    undo.push(audit.close);
    const services = new Map<string, Service>();
    const authorizer = createAuthorizer({
      iam,
      service: (name) => services.get(name),
      record(event) {
        audit.record(event);
        tell(event);
      },
    });
    const door = createDoor({
      accountId,
      region,
      services,
      credentials,
      authorizer,
      endpoint: () => endpoint,
      idleTimeout: timeouts.idle,
    });

    const assumeRole = (roleArn: string, sessionName: string, service?: string, sourceArn = roleArn) => {
      requireRole(iam, roleArn);
      if (service !== undefined) requireTrust(authorizer, { service, roleArn, sourceArn, region, accountId });
      return credentials.issue({ roleArn, sessionName, durationSeconds: serviceSession });
    };
    const hub: Hub = {
      accountId,
      region,
      get endpoint() {
        return endpoint;
      },
      database,
      folder(name) {
        const folder = join(dir, plainName(name));
        mkdirSync(folder, { recursive: true });
        return folder;
      },
      call: door.call,
      assumeRole,
      accessKey(accessKeyId, sessionToken) {
        try {
          return credentials.owner(accessKeyId, sessionToken, Date.now());
        } catch {
          return undefined;
        }
      },
      emit: tell,
    };
    for (const factory of [createIam(iam), createSts(iam, credentials), ...factories]) {
      const service = factory(hub, options);
      services.set(service.name, service);
      undo.push(() => service.stop?.());
    }

    const server = openServer(door.handle, timeouts);
    const port = await listen(server, wantedPort);
    undo.push(() => close(server));
    endpoint = `http://127.0.0.1:${port}`;
    lock.announce(port);
    for (const service of services.values()) await service.start?.();

    let stopped: Promise<void> | undefined;
    return {
      endpoint,
      port,
      region,
      accountId,
      credentials: credentials.root,
      operations: Object.fromEntries(
        [...services].map(([name, { operations }]) => [name, Object.keys(operations)]),
      ),
      assumeRole: (roleArn, sessionName = "local") => assumeRole(roleArn, sessionName),
      audit: audit.query,
      explain(roleArn, request) {
        requireRole(iam, roleArn);
        return authorizer.explain(roleArn, request, { time: Date.now(), region, accountId });
      },
      stop() {
        stopped ??= unwind(undo);
        return stopped;
      },
    };
  } catch (error) {
    await unwind(undo).catch(() => {});
    throw error;
  }
}

/** Undoes everything, whatever fails on the way; then fails with the first failure. */
async function unwind(undo: readonly (() => void | Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of [...undo].reverse()) {
    try {
      await step();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

function requireRole(iam: IamStore, roleArn: string): void {
  if (!iam.roleByArn(roleArn)) throw new AwsError("NoSuchEntity", `There is no role ${roleArn}.`, 404);
}

function requireTrust(
  authorizer: Authorizer,
  {
    service,
    roleArn,
    sourceArn,
    region,
    accountId,
  }: Record<"service" | "roleArn" | "sourceArn" | "region" | "accountId", string>,
): void {
  const principal = { kind: "service", service, sourceArn, accountId } as const;
  authorizer.demand(
    {
      principal,
      region,
      accountId,
      time: Date.now(),
      requestId: randomUUID(),
      service: "sts",
      operation: "AssumeRole",
    },
    [{ action: "sts:AssumeRole", resource: roleArn }],
  );
}

function closeAll(databases: ReadonlyMap<string, DatabaseSync>, lock: FolderLock): void {
  for (const database of databases.values()) database.close();
  lock.release();
}

/** Names become files: only letters, digits and dashes. */
function plainName(name: string): string {
  if (!/^[a-z0-9-]+$/.test(name))
    throw new Error(`“${name}” is no name for a database or folder of the local cloud.`);
  return name;
}
