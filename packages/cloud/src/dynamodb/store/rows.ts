/** The rows of one table or index, in key order, in a SQLite table of their own. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { KeyPart, Place } from "../key.ts";

/** An index has many items in one place: the key of the table tells them apart. */
export interface RowKey extends Place {
  readonly base?: Place;
}

export interface Row {
  /** JSON of the item, or of what an index projects of it. */
  readonly item: string;
  readonly size: number;
}

export interface Bound {
  readonly value: KeyPart;
  readonly inclusive: boolean;
}

export interface RangeBounds {
  readonly low?: Bound;
  readonly high?: Bound;
}

export interface QueryRange extends RangeBounds {
  readonly slot: number;
  readonly hash: KeyPart;
  readonly forward: boolean;
  /** Continues behind this row. */
  readonly after?: RowKey;
}

export interface ScanRange {
  readonly fromSlot: number;
  /** Exclusive. */
  readonly toSlot: number;
  readonly after?: RowKey;
}

export interface Rows {
  get(key: RowKey): Row | undefined;
  put(key: RowKey, item: string, size: number, expires?: number): void;
  remove(key: RowKey): void;
  query(range: QueryRange): Iterable<Row>;
  scan(range: ScanRange): Iterable<Row>;
  /** Items whose time to live ended before this second, and has not ended too long ago. */
  expired(before: number, since: number, limit: number): readonly Row[];
  setExpiry(key: RowKey, expires: number | undefined): void;
  /** How many rows there are, and how many bytes. */
  measure(): { readonly count: number; readonly size: number };
}

export function rowsTableSql(name: string, isIndex: boolean): string {
  const base = isIndex ? "base_hash NOT NULL, base_range NOT NULL," : "expires INTEGER,";
  const key = isIndex ? "slot, hash, range, base_hash, base_range" : "slot, hash, range";
  const table = `CREATE TABLE ${name} (
    slot INTEGER NOT NULL, hash NOT NULL, range NOT NULL, ${base}
    size INTEGER NOT NULL, item TEXT NOT NULL, PRIMARY KEY (${key})) WITHOUT ROWID`;
  return isIndex
    ? table
    : `${table}; CREATE INDEX ${name}_expires ON ${name} (expires) WHERE expires IS NOT NULL`;
}

export function openRows(db: DatabaseSync, name: string, isIndex: boolean): Rows {
  const keyColumns = isIndex
    ? ["slot", "hash", "range", "base_hash", "base_range"]
    : ["slot", "hash", "range"];
  const matchesKey = keyColumns.map((column) => `${column} = ?`).join(" AND ");
  const statements = new Map<string, StatementSync>();

  function prepared(sql: string): StatementSync {
    let statement = statements.get(sql);
    if (!statement) {
      statement = db.prepare(sql);
      statements.set(sql, statement);
    }
    return statement;
  }

  const columnsOf = ({ slot, hash, range, base }: RowKey) =>
    base ? [slot, hash, range, base.hash, base.range] : [slot, hash, range];

  const select = `SELECT item, size FROM ${name}`;
  const getSql = `${select} WHERE ${matchesKey}`;
  const putSql = isIndex
    ? `INSERT OR REPLACE INTO ${name} (slot, hash, range, base_hash, base_range, size, item) VALUES (?, ?, ?, ?, ?, ?, ?)`
    : `INSERT OR REPLACE INTO ${name} (slot, hash, range, size, item, expires) VALUES (?, ?, ?, ?, ?, ?)`;
  const removeSql = `DELETE FROM ${name} WHERE ${matchesKey}`;
  /** The columns that order the rows of one partition. */
  const orderColumns = keyColumns.slice(2);

  return {
    get: (key) => prepared(getSql).get(...columnsOf(key)) as Row | undefined,
    put(key, item, size, expires) {
      if (isIndex) prepared(putSql).run(...columnsOf(key), size, item);
      else prepared(putSql).run(...columnsOf(key), size, item, expires ?? null);
    },
    remove(key) {
      prepared(removeSql).run(...columnsOf(key));
    },
    query({ slot, hash, low, high, forward, after }) {
      const conditions = ["slot = ? AND hash = ?"];
      const parameters: (number | KeyPart)[] = [slot, hash];
      const bound = (comparison: string, value: KeyPart) => {
        conditions.push(`range ${comparison} ?`);
        parameters.push(value);
      };
      // A row to continue behind lies within the bounds, so it takes the place of the one it is nearer to.
      if (low && !(after && forward)) bound(low.inclusive ? ">=" : ">", low.value);
      if (high && !(after && !forward)) bound(high.inclusive ? "<=" : "<", high.value);
      if (after) {
        const values = columnsOf(after).slice(2);
        conditions.push(`(${orderColumns}) ${forward ? ">" : "<"} (${values.map(() => "?")})`);
        parameters.push(...values);
      }
      const direction = forward ? "ASC" : "DESC";
      const order = orderColumns.map((column) => `${column} ${direction}`);
      const sql = `${select} WHERE ${conditions.join(" AND ")} ORDER BY ${order}`;
      return prepared(sql).iterate(...parameters) as Iterable<unknown> as Iterable<Row>;
    },
    scan({ fromSlot, toSlot, after }) {
      const parameters = after ? [...columnsOf(after), toSlot] : [fromSlot, toSlot];
      const from = after ? `(${keyColumns}) > (${keyColumns.map(() => "?")})` : "slot >= ?";
      const sql = `${select} WHERE ${from} AND slot < ? ORDER BY ${keyColumns}`;
      return prepared(sql).iterate(...parameters) as Iterable<unknown> as Iterable<Row>;
    },
    expired: (before, since, limit) =>
      prepared(`${select} WHERE expires < ? AND expires >= ? ORDER BY expires LIMIT ?`).all(
        before,
        since,
        limit,
      ) as unknown as readonly Row[],
    setExpiry(key, expires) {
      prepared(`UPDATE ${name} SET expires = ? WHERE ${matchesKey}`).run(expires ?? null, ...columnsOf(key));
    },
    measure: () =>
      prepared(`SELECT count(*) AS count, total(size) AS size FROM ${name}`).get() as {
        count: number;
        size: number;
      },
  };
}

/** The bounds that a condition on the range key sets. */
export function prefixBounds(prefix: KeyPart): RangeBounds {
  const end = typeof prefix === "string" ? textBehind(prefix) : bytesBehind(prefix);
  return {
    low: { value: prefix, inclusive: true },
    high: end === undefined ? undefined : { value: end, inclusive: false },
  };
}

/** The first text behind all that begin with the prefix, in the order of code points. */
function textBehind(prefix: string): string | undefined {
  const points = [...prefix];
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    const point = (last.codePointAt(0) ?? 0) + 1;
    // Surrogates are no characters: the one behind U+D7FF is U+E000.
    if (point <= 0x10ffff) {
      return points.join("") + String.fromCodePoint(point >= 0xd800 && point <= 0xdfff ? 0xe000 : point);
    }
  }
  return undefined;
}

function bytesBehind(prefix: Uint8Array): Uint8Array | undefined {
  for (let length = prefix.length; length > 0; length--) {
    const last = prefix[length - 1] ?? 0;
    if (last === 0xff) continue;
    const end = Buffer.from(prefix.subarray(0, length));
    end[length - 1] = last + 1;
    return end;
  }
  return undefined;
}
