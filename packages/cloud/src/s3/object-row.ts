/** A row as SQLite gives it. */
export interface ObjectRow {
  readonly id: number;
  readonly key: string;
  /** `null` for what was written while the bucket had no versioning. */
  readonly version: string;
  readonly latest: number;
  /** 1 for a delete marker. */
  readonly marker: number;
  readonly size: number;
  readonly etag: string;
  readonly modified: number;
  readonly headers: string;
  readonly tags: string | null;
  readonly checksum: string | null;
  readonly pieces: string | null;
  readonly data: Uint8Array | null;
}
