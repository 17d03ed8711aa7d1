/** What a stream is to the functions it feeds. */

export interface StreamShard {
  readonly id: string;
  readonly parents: readonly string[];
  /** Whether nothing more will come to it. */
  readonly closed: boolean;
}

export interface StreamRecord {
  readonly sequence: string;
  /** Milliseconds. */
  readonly time: number;
  /** Records with the same one are handled in order, also when batches of a shard are handled at a time. */
  readonly lane: string;
  /** As the function's event has it. */
  readonly event: object;
}

/** Where to begin in a shard. */
export type Position =
  | { readonly after: string }
  /** Milliseconds; sources that cannot tell begin earlier. */
  | { readonly since: number }
  | "LATEST"
  | "TRIM_HORIZON";

/** What streams differ in: how they are read, and what their records look like. */
export interface StreamSource {
  /** Under which name failed batches are told of. */
  readonly batchInfo: "DDBStreamBatchInfo" | "KinesisBatchInfo";
  shards(): Promise<readonly StreamShard[]>;
  /** What `streamSignal` calls the news of the stream, or of one of its shards. */
  topic(shard?: string): string;
  iterator(shard: string, position: Position): Promise<string>;
  /** `next` is missing when the shard has ended. */
  read(
    shard: string,
    iterator: string,
    limit: number,
  ): Promise<{ readonly records: readonly StreamRecord[]; readonly next: string | undefined }>;
  passes(record: StreamRecord): boolean;
}
