/**
 * The shape all our resource handlers have. A service says how to create, describe, update and delete;
 * what is the same for every resource (names, required inputs, comparison, what is known beforehand) is here.
 */
import type {
  CheckResult,
  DiffResult,
  Properties,
  PropertyValue,
  ResourceContext,
  ResourceHandler,
} from "@bowline/engine";
import { UNKNOWN } from "@bowline/engine";
import { changedPaths, rootOf } from "./changes.ts";
import { AwsRequestError } from "./client.ts";
import { differOnlyBySeed, generatedName, looksGenerated, type NameRules, prefixedName } from "./naming.ts";
import type { Inputs, Outputs } from "./plain.ts";

type Key<T> = keyof T & string;

export interface Previous<Args, State> {
  readonly inputs: Inputs<Args>;
  readonly outputs: Outputs<State>;
}

export interface Definition<Args, State> {
  readonly required?: readonly Key<Args>[];
  /** The property that is the resource's name, when one is generated for lack of it. */
  readonly autoName?: NameRules & {
    readonly property: Key<Args>;
    readonly prefixProperty?: Key<Args>;
    suffix?(inputs: Inputs<Args>): string;
  };
  /** Inputs whose change asks for a new resource. */
  readonly replaceOn?: readonly Key<Args>[];
  /** For what cannot exist twice at a time, whatever it is named. */
  readonly deleteBeforeReplace?: boolean;
  /** Outputs that carry the endpoint's port: told anew when the cloud listens elsewhere. */
  readonly endpointOutputs?: readonly Key<State>[];
  /** Outputs that an update may change, so unknown while one is previewed. */
  readonly volatile?: readonly Key<State>[];
  readonly secretOutputs?: readonly Key<State>[];
  /** Inputs that are kept and shown but change nothing here; using one is said aloud. */
  readonly recorded?: readonly Key<Args>[];
  /** Default values, and inputs brought into one form. May meet unknown values. */
  complete?(inputs: Inputs<Args>, context: ResourceContext): Inputs<Args>;
  /** What is wrong with the inputs, beyond a missing one. May meet unknown values. */
  validate?(inputs: Inputs<Args>): readonly { readonly property: Key<Args>; readonly reason: string }[];
  /** A closer look than comparing inputs; adds inputs that must be replaced because of their values. */
  replaces?(old: Previous<Args, State>, inputs: Inputs<Args>): readonly Key<Args>[];
  /** Answers the id. Must succeed when an earlier attempt was cut short after the resource came to be. */
  create(inputs: Inputs<Args>, context: Creation): Promise<string>;
  /**
   * The id that a resource with these inputs has, or would have; undefined when nothing of the kind exists. Of what has
   * no name, those that are taken belong to other resources.
   */
  find?(inputs: Inputs<Args>, taken: ReadonlySet<string>): string | undefined | Promise<string | undefined>;
  /** The resource as it is; undefined when it is gone. */
  describe(id: string, inputs: Inputs<Args>, context: ResourceContext): Promise<Outputs<State> | undefined>;
  update?(
    id: string,
    inputs: Inputs<Args>,
    old: Previous<Args, State>,
    context: ResourceContext,
  ): Promise<void>;
  delete(id: string, old: Previous<Args, State>, context: ResourceContext): Promise<void>;
  /** Outputs that follow from the inputs. */
  predict?(inputs: Inputs<Args>, context: ResourceContext): Outputs<State>;
}

/** The context of a creation. */
export interface Creation extends ResourceContext {
  /** It continues one that a crash interrupted: what exists already is ours. */
  readonly resumed?: boolean;
  /** What was found of it. */
  readonly found?: string;
}

/**
 * Whether a resource that exists already, though it is to be created, may be taken for an attempt of ours that was
 * cut short. Under a name the user chose it may be someone else's.
 */
export function mayAdopt(name: string, context: Creation): boolean {
  return context.resumed === true || looksGenerated(name);
}

export interface LocatingHandler extends ResourceHandler {
  /** The id that a resource with these inputs has, or would have. Changes nothing. */
  locate?(inputs: Properties, taken: ReadonlySet<string>): Promise<string | undefined>;
}

/** A resource handler from what a service says; the types are those of the `@pulumi/aws` class. */
export function resource<Args, State>(
  endpoint: string,
  definition: Definition<Args, State>,
): LocatingHandler {
  // The border: what the engine hands over is taken to have the class's shape from here on.
  const inputsOf = (properties: Properties) => properties as unknown as Inputs<Args>;
  const previous = (inputs: Properties, outputs: Properties) =>
    ({ inputs, outputs }) as unknown as Previous<Args, State>;
  const described = async (id: string, inputs: Properties, context: ResourceContext) =>
    (await orGone(definition.describe(id, inputsOf(inputs), context))) as Properties | undefined;
  const mustDescribe = async (id: string, inputs: Properties, context: ResourceContext) => {
    const outputs = await described(id, inputs, context);
    if (!outputs)
      throw new Error(`${context.name}: ${context.type} "${id}" vanished while it was being deployed.`);
    return merged(inputs, outputs);
  };

  const locate = (inputs: Properties, taken: ReadonlySet<string>) =>
    orGone(Promise.resolve(definition.find?.(inputsOf(inputs), taken)));

  /** Finishes a creation that a crash interrupted, if it had come so far that something exists. */
  async function recover(context: ResourceContext, inputs: Properties, taken: ReadonlySet<string>) {
    const id = await locate(inputs, taken);
    if (id === undefined || !(await described(id, inputs, context))) return undefined;
    const finished = await definition.create(inputsOf(inputs), { ...context, resumed: true, found: id });
    return { id: finished, outputs: await mustDescribe(finished, inputs, context) };
  }

  return {
    replaceOn: definition.replaceOn,
    deleteBeforeReplace: definition.deleteBeforeReplace,
    secretOutputs: definition.secretOutputs,
    check: (context, olds, news) => check(definition, context, olds, news),

    diff(context, _id, oldInputs, oldOutputs, newInputs): DiffResult {
      const keys = changedPaths(oldInputs, newInputs);
      const moved = (definition.endpointOutputs ?? []).filter((key) =>
        isElsewhere(oldOutputs[key], endpoint),
      );
      const roots = new Set(keys.map(rootOf));
      const replaces = [
        ...(definition.replaceOn ?? []).filter((key) => roots.has(key)),
        ...(definition.replaces?.(previous(oldInputs, oldOutputs), inputsOf(newInputs)) ?? []),
      ];
      return {
        changes: keys.length > 0 || moved.length > 0,
        replaces,
        deleteBeforeReplace:
          replaces.length > 0 && blocksItsSuccessor(definition, context, oldInputs, newInputs),
        keys: [...keys, ...moved],
      };
    },

    async create(context, inputs) {
      warnOfRecorded(definition, context, inputs);
      const id = await definition.create(inputsOf(inputs), context);
      return { id, outputs: await mustDescribe(id, inputs, context) };
    },

    ...(definition.find ? { recover, locate } : {}),

    async read(context, id, inputs, outputs) {
      const found = await described(id, Object.keys(inputs).length > 0 ? inputs : outputs, context);
      return found ? { id, inputs, outputs: merged(inputs, found) } : {};
    },

    async update(context, id, oldInputs, oldOutputs, newInputs) {
      warnOfRecorded(definition, context, newInputs);
      await definition.update?.(id, inputsOf(newInputs), previous(oldInputs, oldOutputs), context);
      return { outputs: await mustDescribe(id, newInputs, context) };
    },

    async delete(context, id, inputs, outputs) {
      await orGone(definition.delete(id, previous(inputs, outputs), context));
    },

    preview(context, inputs, oldOutputs) {
      const predicted = definition.predict?.(inputsOf(inputs), context) as Properties | undefined;
      const known = oldOutputs ? stillKnown(definition, oldOutputs, endpoint) : {};
      return withoutUnknownText({ ...known, ...inputs, ...present(predicted ?? {}) });
    },
  };
}

function check<Args, State>(
  definition: Definition<Args, State>,
  context: ResourceContext,
  olds: Properties | undefined,
  news: Properties,
): CheckResult {
  const completed = (definition.complete?.(news as unknown as Inputs<Args>, context) ?? news) as Properties;
  const inputs = definition.autoName ? named(definition.autoName, context, olds, completed) : completed;
  const missing = (definition.required ?? []).filter(
    (key) => inputs[key] === undefined || inputs[key] === null,
  );
  return {
    inputs: present(inputs),
    failures: [
      ...missing.map((property) => ({ property, reason: `"${property}" is required by ${context.type}.` })),
      ...(missing.length === 0 ? (definition.validate?.(inputs as unknown as Inputs<Args>) ?? []) : []),
    ],
  };
}

function named<Args>(
  rules: NonNullable<Definition<Args, unknown>["autoName"]>,
  context: ResourceContext,
  olds: Properties | undefined,
  news: Properties,
): Properties {
  if (typeof news[rules.property] === "string" && news[rules.property] !== "") return news;
  const old = olds?.[rules.property];
  const prefix = rules.prefixProperty === undefined ? undefined : news[rules.prefixProperty];
  const suffix = rules.suffix?.(news as unknown as Inputs<Args>) ?? "";
  const formerSuffix = (olds && rules.suffix?.(olds as unknown as Inputs<Args>)) ?? "";
  // The name of the resource that stands is kept, unless the program now asks for another prefix or kind.
  const keeps =
    typeof old === "string" &&
    (typeof prefix !== "string" || old.startsWith(prefix)) &&
    formerSuffix === suffix;
  if (keeps) return { ...news, [rules.property]: old };
  return { ...news, [rules.property]: nameFor(rules, context, prefix, suffix) };
}

function nameFor(
  rules: NameRules,
  context: ResourceContext,
  prefix: PropertyValue | undefined,
  suffix: string,
): string {
  return typeof prefix === "string" && prefix !== UNKNOWN
    ? prefixedName(context, prefix, rules, suffix)
    : generatedName(context, rules, suffix);
}

/** Two resources cannot bear one name: unless the successor's is generated, the old one has to go first. */
function blocksItsSuccessor<Args, State>(
  definition: Definition<Args, State>,
  context: ResourceContext,
  oldInputs: Properties,
  newInputs: Properties,
): boolean {
  if (definition.deleteBeforeReplace) return true;
  const property = definition.autoName?.property;
  if (!property || oldInputs[property] !== newInputs[property]) return false;
  const rules = definition.autoName;
  const prefix = rules?.prefixProperty === undefined ? undefined : newInputs[rules.prefixProperty];
  const suffix = rules?.suffix?.(newInputs as unknown as Inputs<Args>) ?? "";
  const another = rules && nameFor(rules, context, prefix, suffix);
  return another === undefined || !differOnlyBySeed(String(newInputs[property]), another, suffix);
}

function isElsewhere(url: PropertyValue | undefined, endpoint: string): boolean {
  return typeof url === "string" && URL.canParse(url) && new URL(url).port !== new URL(endpoint).port;
}

/** What an update leaves as it is. */
function stillKnown<Args, State>(
  definition: Definition<Args, State>,
  outputs: Properties,
  endpoint: string,
): Properties {
  const known: Record<string, PropertyValue> = { ...outputs };
  for (const key of definition.volatile ?? []) delete known[key];
  for (const key of definition.endpointOutputs ?? []) {
    const url = known[key];
    if (typeof url !== "string" || !isElsewhere(url, endpoint)) continue;
    const moved = new URL(url);
    moved.port = new URL(endpoint).port;
    known[key] = url.endsWith("/") ? moved.toString() : moved.toString().replace(/\/$/, "");
  }
  return known;
}

/** A text made of an unknown value is itself unknown. */
function withoutUnknownText(outputs: Properties): Properties {
  return Object.fromEntries(
    Object.entries(outputs).map(([key, value]) => [
      key,
      typeof value === "string" && value.includes(UNKNOWN) ? UNKNOWN : value,
    ]),
  );
}

function warnOfRecorded<Args, State>(
  definition: Definition<Args, State>,
  context: ResourceContext,
  inputs: Properties,
): void {
  const used = (definition.recorded ?? []).filter((key) => inputs[key] !== undefined && inputs[key] !== null);
  if (used.length > 0) {
    context.log(
      "warning",
      `${context.name}: ${used.join(", ")} ${used.length > 1 ? "have" : "has"} no effect on the local cloud.`,
    );
  }
}

function merged(inputs: Properties, outputs: Properties): Properties {
  return { ...inputs, ...present(outputs) };
}

function present(properties: Properties): Properties {
  return Object.fromEntries(
    Object.entries(properties).filter(([, value]) => value !== undefined && value !== null),
  );
}

/** Codes with which services say that something does not exist (any more). */
const gone =
  /^(NoSuch\w+|NotFound|NotFoundException|ResourceNotFoundException|ParameterNotFound|QueueDoesNotExist|AWS\.SimpleQueueService\.NonExistentQueue)$/;

async function orGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof AwsRequestError && gone.test(error.code)) return undefined;
    throw error;
  }
}
