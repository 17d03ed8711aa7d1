import type { SharedOptions, WorkerOptions } from "miniflare";

/** What miniflare is to run. */
export type RuntimeOptions = SharedOptions & { workers: WorkerOptions[] };

/** Stands for a Worker that is linked but not deployed yet. */
export type Absent = (service: string) => NonNullable<WorkerOptions["serviceBindings"]>[string];
