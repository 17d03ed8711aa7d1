/** Layers: packages that functions have in common. */
import type { DatabaseSync } from "node:sqlite";
import type { CodeStore } from "./code.ts";
import { invalid } from "./errors.ts";

export interface LayerVersion {
  readonly name: string;
  readonly version: number;
  /** With the version behind it. */
  readonly arn: string;
  readonly layerArn: string;
  readonly description: string;
  readonly license: string;
  readonly runtimes: readonly string[];
  readonly architectures: readonly string[];
  readonly codeHash: string;
  readonly codeSize: number;
  readonly created: string;
}

export type LayerStore = ReturnType<typeof openLayers>;

export function openLayers(database: DatabaseSync) {
  database.exec(`
    CREATE TABLE IF NOT EXISTS layers (
      name TEXT NOT NULL, version INTEGER NOT NULL, arn TEXT NOT NULL UNIQUE, document TEXT NOT NULL, deleted INTEGER,
      PRIMARY KEY (name, version)
    );
    CREATE TABLE IF NOT EXISTS layer_numbers (name TEXT PRIMARY KEY, last INTEGER NOT NULL);
  `);
  const parse = (row: Record<string, unknown>) => JSON.parse(String(row.document)) as LayerVersion;
  const byArn = database.prepare("SELECT document, deleted FROM layers WHERE arn = ?");
  return {
    nextVersion(name: string): number {
      const row = database
        .prepare(
          "INSERT INTO layer_numbers (name, last) VALUES (?, 1) ON CONFLICT DO UPDATE SET last = last + 1 RETURNING last",
        )
        .get(name);
      return Number(row?.last);
    },
    put(layer: LayerVersion): void {
      database
        .prepare("INSERT INTO layers (name, version, arn, document) VALUES (?, ?, ?, ?)")
        .run(layer.name, layer.version, layer.arn, JSON.stringify(layer));
    },
    /** Also one that is deleted, unless it is to be there still. */
    byArn(arn: string, options?: { readonly present: true }): LayerVersion | undefined {
      const row = byArn.get(arn);
      return row && !(options?.present && row.deleted) ? parse(row) : undefined;
    },
    get(name: string, version: number): LayerVersion | undefined {
      const row = database
        .prepare("SELECT document FROM layers WHERE name = ? AND version = ? AND deleted IS NULL")
        .get(name, version);
      return row && parse(row);
    },
    versions: (name: string) =>
      database
        .prepare("SELECT document FROM layers WHERE name = ? AND deleted IS NULL ORDER BY version DESC")
        .all(name)
        .map(parse),
    /** The newest version of every layer. */
    newest: () =>
      database
        .prepare(
          "SELECT document, MAX(version) FROM layers WHERE deleted IS NULL GROUP BY name ORDER BY name",
        )
        .all()
        .map(parse),
    all: () => database.prepare("SELECT document FROM layers").all().map(parse),
    /** Functions that have the layer keep it, as on AWS. */
    remove: (name: string, version: number) =>
      database.prepare("UPDATE layers SET deleted = 1 WHERE name = ? AND version = ?").run(name, version),
  };
}

/** The folders of layers, in the order the function names them, which is the order they are searched in. */
export function layerFolders(layers: LayerStore, code: CodeStore, arns: readonly string[]): string[] {
  return arns.flatMap((arn) => layers.byArn(arn) ?? []).map(({ codeHash }) => code.folder(codeHash));
}

export function checkLayers(layers: LayerStore, arns: readonly string[]): void {
  for (const arn of arns) {
    if (!layers.byArn(arn, { present: true })) throw invalid(`Layer version ${arn} does not exist.`);
  }
}
