import type { WorkersScriptMigrations } from "@pulumi/cloudflare/types/input.js";
import type { App } from "../../config/app.ts";
import { BowlineError } from "../../error.ts";
import { askCloudflare } from "../../providers/cloudflare/api.ts";

/** A class of Durable Objects, by its name or with what it was called before. */
export type DurableObjectClass = string | { readonly class: string; readonly renamedFrom?: string };

export interface DurableObjectArgs {
  readonly durableObjects?: Readonly<Record<string, DurableObjectClass>>;
  readonly deletedDurableObjects?: readonly string[];
}

/** What a Worker's classes of Durable Objects are, and what became of those that were. */
export interface DeclaredClasses {
  readonly classes: readonly string[];
  readonly renamed: readonly { readonly from: string; readonly to: string }[];
  readonly deleted: readonly string[];
}

/** What Cloudflare has of a Worker. */
export interface DeployedClasses {
  readonly tag: string | undefined;
  readonly classes: readonly string[];
}

export function className(of: DurableObjectClass): string {
  return typeof of === "string" ? of : of.class;
}

export function declaredClasses(
  consumer: string,
  { durableObjects = {}, deletedDurableObjects = [] }: DurableObjectArgs,
): DeclaredClasses {
  const given = Object.values(durableObjects);
  const classes = [...new Set(given.map(className))].sort();
  const renamed = given.flatMap((of) =>
    typeof of === "string" || of.renamedFrom === undefined ? [] : [{ from: of.renamedFrom, to: of.class }],
  );
  const both = deletedDurableObjects.find((name) => classes.includes(name));
  if (both !== undefined) {
    throw new BowlineError("bad-class", `${consumer}: the class ${both} is declared and deleted.`, {
      hint: "Take it out of durableObjects or out of deletedDurableObjects.",
    });
  }
  return { classes, renamed, deleted: [...new Set(deletedDurableObjects)].sort() };
}

/**
 * How what is deployed becomes what is declared; undefined where it is that already. Cloudflare refuses a step that it has
 * taken before, so that it must be asked for the last one.
 */
export function migrationsFrom(
  consumer: string,
  { tag, classes: deployed }: DeployedClasses,
  declared: DeclaredClasses,
): WorkersScriptMigrations | undefined {
  const renamedClasses = declared.renamed.filter(
    ({ from, to }) => deployed.includes(from) && !deployed.includes(to),
  );
  const deletedClasses = declared.deleted.filter((name) => deployed.includes(name));
  const arriving = renamedClasses.map(({ to }) => to);
  const leaving = [...renamedClasses.map(({ from }) => from), ...deletedClasses];
  const left = deployed.filter((name) => !declared.classes.includes(name) && !leaving.includes(name));
  if (left.length > 0) throw leftBehind(consumer, left);
  const newSqliteClasses = declared.classes.filter(
    (name) => !arriving.includes(name) && (!deployed.includes(name) || leaving.includes(name)),
  );
  if (newSqliteClasses.length + renamedClasses.length + deletedClasses.length === 0) return undefined;
  return {
    ...(tag === undefined ? {} : { oldTag: tag }),
    newTag: tagAfter(tag),
    ...(newSqliteClasses.length > 0 ? { newSqliteClasses } : {}),
    ...(renamedClasses.length > 0 ? { renamedClasses } : {}),
    ...(deletedClasses.length > 0 ? { deletedClasses } : {}),
  };
}

/** The same in every run, for what compares it with what is there: our provider on this machine. */
function wholeMigrations({ classes, renamed, deleted }: DeclaredClasses): WorkersScriptMigrations {
  return {
    newTag: "v1",
    newSqliteClasses: [...classes],
    ...(renamed.length > 0 ? { renamedClasses: [...renamed] } : {}),
    ...(deleted.length > 0 ? { deletedClasses: [...deleted] } : {}),
  };
}

export async function workerMigrations(
  app: App,
  consumer: string,
  where: { readonly account: string; readonly scriptName: string },
  declared: DeclaredClasses,
): Promise<WorkersScriptMigrations | undefined> {
  if (declared.classes.length === 0 && declared.deleted.length === 0) return undefined;
  if (app.home === "local" || app.purpose !== "deploy") return wholeMigrations(declared);
  return migrationsFrom(consumer, await deployedClasses(consumer, where), declared);
}

async function deployedClasses(
  consumer: string,
  { account, scriptName }: { readonly account: string; readonly scriptName: string },
): Promise<DeployedClasses> {
  const scripts = await listed(consumer, `/accounts/${account}/workers/scripts`);
  const script = scripts.find(({ id }) => id === scriptName);
  if (!script) return { tag: undefined, classes: [] };
  const namespaces = await listed(
    consumer,
    `/accounts/${account}/workers/durable_objects/namespaces?per_page=1000`,
  );
  const own = namespaces.filter((namespace) => namespace.script === scriptName);
  return { tag: script.migration_tag || undefined, classes: own.flatMap((one) => one.class ?? []) };
}

interface Listed {
  readonly id?: string;
  readonly migration_tag?: string;
  readonly script?: string;
  readonly class?: string;
}

/** What is wrong with the account itself is told elsewhere. */
async function listed(consumer: string, path: string): Promise<readonly Listed[]> {
  const token = process.env.CLOUDFLARE_API_TOKEN;
  const answer = token ? await askCloudflare(path, token).catch(() => undefined) : undefined;
  if (answer === undefined || answer.status === 401) return [];
  if (answer.ok && Array.isArray(answer.result)) return answer.result as readonly Listed[];
  const why = answer.errors.map(({ message }) => message).join(", ") || String(answer.status);
  throw new BowlineError(
    "no-durable-objects",
    `${consumer}: Cloudflare did not say which Durable Objects there are: ${why}.`,
    { hint: "Let the token edit Workers scripts.", exitCode: 1 },
  );
}

function tagAfter(tag: string | undefined): string {
  if (tag === undefined) return "v1";
  const number = /^v(\d+)$/.exec(tag)?.[1];
  return number === undefined ? `${tag}-2` : `v${Number(number) + 1}`;
}

function leftBehind(consumer: string, left: readonly string[]): BowlineError {
  const [first] = left;
  return new BowlineError(
    "left-behind",
    `${consumer}: there are Durable Objects of ${left.join(", ")}, which is no longer declared.`,
    {
      hint: `To keep them under another name: { class: "New", renamedFrom: "${first}" }. To delete them with their data: deletedDurableObjects: ["${first}"].`,
    },
  );
}
