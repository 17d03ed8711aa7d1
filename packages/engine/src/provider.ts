/**
 * What makes a kind of resource real. The shape is that of Pulumi's `ResourceProvider` service, so that the same
 * handlers can be served to the real Pulumi engine as a plugin.
 *
 * Handlers see plain values: secrets unwrapped, resource references as ids. An unknown value (preview only) is `UNKNOWN`.
 */

export type PropertyValue =
  | null
  | boolean
  | number
  | string
  | readonly PropertyValue[]
  | { readonly [key: string]: PropertyValue };
export type Properties = { readonly [key: string]: PropertyValue };

/** Stands for a value that is not known before the deployment ran. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export interface Provider {
  /** The package: `aws` serves the types `aws:…`. */
  readonly name: string;
  readonly version: string;
  /** The handler of a type token such as `aws:s3/bucket:Bucket`; `undefined` when this provider does not know it. */
  resource(type: string): ResourceHandler | undefined;
  /** Configuration that belongs to what was made with it (a region): where it changes, resources are replaced. */
  readonly replaceOnConfig?: readonly string[];
  invoke?(token: string, args: Properties, context: InvokeContext): Promise<Properties> | Properties;
}

export interface InvokeContext {
  readonly preview: boolean;
  /** The inputs of the (default or explicit) provider resource. */
  readonly config: Properties;
}

export interface ResourceContext extends InvokeContext {
  readonly urn: string;
  readonly name: string;
  readonly type: string;
  readonly project: string;
  readonly stack: string;
  /** Same in preview and in the run that follows, fresh for a replacement: what generated names derive from. */
  readonly randomSeed: Uint8Array;
  readonly signal: AbortSignal;
  log(severity: "info" | "warning", message: string): void;
}

export interface CheckResult {
  readonly inputs: Properties;
  readonly failures?: readonly { readonly property: string; readonly reason: string }[];
}

export interface DiffResult {
  readonly changes: boolean;
  /** Properties whose change asks for a new resource. */
  readonly replaces?: readonly string[];
  readonly deleteBeforeReplace?: boolean;
  /** Paths that changed, for people: `environment.variables.TABLE`. */
  readonly keys?: readonly string[];
}

type MaybePromise<T> = T | Promise<T>;

/**
 * For a provider to throw when it cannot know how an operation ended: the connection broke under it, for example. The
 * operation stays on record as interrupted, and the next run finds out.
 */
export class OutcomeUnknownError extends Error {}

export interface ResourceHandler {
  /** Completes and validates inputs: default values, generated names. `olds` are the inputs last deployed. */
  check?(context: ResourceContext, olds: Properties | undefined, news: Properties): MaybePromise<CheckResult>;
  /** Without it, inputs are compared, and `replaceOn` says which of them ask for a replacement. */
  diff?(
    context: ResourceContext,
    id: string,
    oldInputs: Properties,
    oldOutputs: Properties,
    newInputs: Properties,
  ): MaybePromise<DiffResult>;
  readonly replaceOn?: readonly string[];
  readonly deleteBeforeReplace?: boolean;
  readonly secretOutputs?: readonly string[];
  create(context: ResourceContext, inputs: Properties): MaybePromise<{ id: string; outputs: Properties }>;
  /**
   * After a crash: what an interrupted `create` with these very inputs left behind, if it left anything. Without it,
   * the engine can only warn that there may be something. Ids of this type that are `taken` belong to other resources.
   */
  recover?(
    context: ResourceContext,
    inputs: Properties,
    taken: ReadonlySet<string>,
  ): MaybePromise<{ id: string; outputs: Properties } | undefined>;
  /** No `outputs` means that the resource is gone. */
  read?(
    context: ResourceContext,
    id: string,
    inputs: Properties,
    outputs: Properties,
  ): MaybePromise<{ id?: string; inputs?: Properties; outputs?: Properties }>;
  update?(
    context: ResourceContext,
    id: string,
    oldInputs: Properties,
    oldOutputs: Properties,
    newInputs: Properties,
  ): MaybePromise<{ outputs: Properties }>;
  /** Deleting what is gone already succeeds: after a crash it may be asked twice. */
  delete?(context: ResourceContext, id: string, inputs: Properties, outputs: Properties): MaybePromise<void>;
  /** Outputs that are known before the resource exists (an ARN that follows from a name); all others are unknown in a preview. */
  preview?(context: ResourceContext, inputs: Properties, oldOutputs?: Properties): Properties;
}
