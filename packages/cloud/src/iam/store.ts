/** The account's roles and managed policies: in SQLite, held in memory, compiled when first asked for. */
import type { DatabaseSync } from "node:sqlite";
import type { ManagedPolicy, Role } from "./entities.ts";
import { type CompiledPolicy, compilePolicy } from "./evaluate.ts";
import { managedPolicies } from "./managed.ts";
import type { PolicyDocument } from "./policy.ts";

/** What bears on a role's requests. */
export interface RolePolicies {
  readonly identity: readonly CompiledPolicy[];
  readonly boundary: CompiledPolicy | undefined;
}

export interface IamStore {
  role(name: string): Role | undefined;
  roleByArn(arn: string): Role | undefined;
  roles(): readonly Role[];
  putRole(role: Role): void;
  deleteRole(name: string): void;
  policy(arn: string): ManagedPolicy | undefined;
  policies(): readonly ManagedPolicy[];
  putPolicy(policy: ManagedPolicy): void;
  deletePolicy(arn: string): void;
  /** The compiled policies of a role; the same object until something about them changes. */
  policiesOf(role: Role): RolePolicies;
  trustOf(role: Role): CompiledPolicy;
}

export function openIamStore(database: DatabaseSync): IamStore {
  database.exec(`
    CREATE TABLE IF NOT EXISTS role (name TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS policy (arn TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
  `);
  const read = <T>(table: string) =>
    database
      .prepare(`SELECT body FROM ${table}`)
      .all()
      .map((row) => JSON.parse(String(row.body)) as T);
  // Names are unique without regard to case, as in IAM.
  const roles = new Map(read<Role>("role").map((role) => [role.name.toLowerCase(), role]));
  const byArn = new Map([...roles.values()].map((role) => [role.arn, role]));
  const policies = new Map(read<ManagedPolicy>("policy").map((policy) => [policy.arn, policy]));
  for (const policy of managedPolicies()) policies.set(policy.arn, policy);

  const writeRole = database.prepare("INSERT OR REPLACE INTO role VALUES (?, ?)");
  const removeRole = database.prepare("DELETE FROM role WHERE name = ?");
  const writePolicy = database.prepare("INSERT OR REPLACE INTO policy VALUES (?, ?)");
  const removePolicy = database.prepare("DELETE FROM policy WHERE arn = ?");

  // Keyed by the stored objects, which are replaced and never changed.
  let compiledRoles = new WeakMap<Role, RolePolicies>();
  const compiledTrusts = new WeakMap<Role, CompiledPolicy>();
  const compiledManaged = new WeakMap<ManagedPolicy, CompiledPolicy>();

  function compileManaged(arn: string): CompiledPolicy | undefined {
    const policy = policies.get(arn);
    if (!policy) return undefined;
    let compiled = compiledManaged.get(policy);
    if (!compiled) {
      const version = policy.versions.find(({ id }) => id === policy.defaultVersion);
      if (!version) return undefined;
      compiled = compilePolicy(parse(version.document), `managed policy ${policy.name}`);
      compiledManaged.set(policy, compiled);
    }
    return compiled;
  }

  return {
    role: (name) => roles.get(name.toLowerCase()),
    roleByArn: (arn) => byArn.get(arn),
    roles: () => [...roles.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    putRole(role) {
      writeRole.run(role.name, JSON.stringify(role));
      roles.set(role.name.toLowerCase(), role);
      byArn.set(role.arn, role);
    },
    deleteRole(name) {
      const role = roles.get(name.toLowerCase());
      if (!role) return;
      removeRole.run(role.name);
      roles.delete(name.toLowerCase());
      byArn.delete(role.arn);
    },
    policy: (arn) => policies.get(arn),
    policies: () => [...policies.values()].sort((a, b) => (a.arn < b.arn ? -1 : 1)),
    putPolicy(policy) {
      writePolicy.run(policy.arn, JSON.stringify(policy));
      policies.set(policy.arn, policy);
      compiledRoles = new WeakMap();
    },
    deletePolicy(arn) {
      removePolicy.run(arn);
      policies.delete(arn);
      compiledRoles = new WeakMap();
    },
    policiesOf(role) {
      let compiled = compiledRoles.get(role);
      if (!compiled) {
        const inline = Object.entries(role.inline).map(([name, document]) =>
          compilePolicy(parse(document), `inline policy ${name} of role ${role.name}`),
        );
        const attached = role.attached.map(compileManaged).filter((policy) => policy !== undefined);
        compiled = {
          identity: [...inline, ...attached],
          boundary: role.boundary === undefined ? undefined : compileManaged(role.boundary),
        };
        compiledRoles.set(role, compiled);
      }
      return compiled;
    },
    trustOf(role) {
      let compiled = compiledTrusts.get(role);
      if (!compiled) {
        compiled = compilePolicy(parse(role.trust), `trust policy of role ${role.name}`);
        compiledTrusts.set(role, compiled);
      }
      return compiled;
    },
  };
}

function parse(document: string): PolicyDocument {
  return JSON.parse(document) as PolicyDocument;
}
