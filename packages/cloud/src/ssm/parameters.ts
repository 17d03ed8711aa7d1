/** Parameters: putting, getting, listing, deleting, tagging. */
import { AwsError } from "../error.ts";
import { principalName } from "../iam/authorize.ts";
import { type Call, type Hub, type Operation, operation } from "../service.ts";
import {
  arnOf,
  filtersIn,
  type Input,
  invalid,
  onNames,
  optionalText,
  page,
  readName,
  tagsIn,
  text,
  texts,
} from "./input.ts";
import { defaultKey, secureValues } from "./secure.ts";
import type { Parameter, ParameterStore, ParameterType, ParameterVersion } from "./store.ts";

const keptVersions = 100;
const sizeLimits: Readonly<Record<string, number>> = { Standard: 4096, Advanced: 8192 };

function notFound(name: string): AwsError {
  return new AwsError("ParameterNotFound", `Parameter ${name} not found.`);
}

function latest(parameter: Parameter): ParameterVersion {
  const version = parameter.versions.at(-1);
  if (!version) throw notFound(parameter.name);
  return version;
}

function checkName(name: string): void {
  if (!/^[\w./-]{1,1011}$/.test(name)) {
    throw invalid("A parameter's name is 1 to 1011 letters, digits and _ . - /");
  }
  if (name.includes("/") && !name.startsWith("/")) {
    throw invalid("Parameter name must be a fully qualified name: one with slashes begins with a slash.");
  }
  if (/^\/?(aws|ssm)/i.test(name)) {
    throw invalid('Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).');
  }
  if (name.split("/").length > 16) {
    throw new AwsError("HierarchyLevelLimitExceededException", "A parameter hierarchy may have 15 levels.");
  }
}

function typeOf(input: Input, before: ParameterVersion | undefined): ParameterType {
  const type = optionalText(input, "Type") ?? before?.type;
  if (type === "String" || type === "StringList" || type === "SecureString") return type;
  throw invalid("A new parameter needs a Type: String, StringList or SecureString.");
}

function tierOf(input: Input, value: string, before: ParameterVersion | undefined): string {
  const size = Buffer.byteLength(value);
  const asked = optionalText(input, "Tier") ?? before?.tier ?? "Standard";
  const tier = asked === "Intelligent-Tiering" ? (size > 4096 ? "Advanced" : "Standard") : asked;
  const limit = sizeLimits[tier];
  if (limit === undefined) throw invalid("Tier must be Standard, Advanced or Intelligent-Tiering.");
  if (size > limit)
    throw invalid(`The ${tier} tier supports a maximum parameter value of ${limit} characters.`);
  return tier;
}

interface Found {
  readonly parameter: Parameter;
  readonly version: ParameterVersion;
  readonly selector?: string;
}

export function parameterOperations(store: ParameterStore, hub: Hub): Record<string, Operation> {
  const secure = secureValues(hub, store.openOld);
  const keyOf = ({ type, keyId }: ParameterVersion) =>
    type === "SecureString" ? (keyId ?? defaultKey) : undefined;
  const valueShown = ({ name }: Parameter, version: ParameterVersion, input: Input, call: Call) =>
    input.WithDecryption === true ? secure.reveal(name, version, call) : version.stored;

  async function shown({ parameter, version, selector }: Found, input: Input, call: Call) {
    return {
      Name: parameter.name,
      Type: version.type,
      Value: await valueShown(parameter, version, input, call),
      Version: version.version,
      Selector: selector,
      LastModifiedDate: version.modified / 1000,
      ARN: arnOf(hub, parameter.name),
      DataType: "text",
    };
  }
  const described = (parameter: Parameter, version: ParameterVersion) => ({
    Name: parameter.name,
    ARN: arnOf(hub, parameter.name),
    Type: version.type,
    KeyId: keyOf(version),
    LastModifiedDate: version.modified / 1000,
    LastModifiedUser: version.modifiedBy,
    Description: version.description,
    AllowedPattern: version.allowedPattern,
    Version: version.version,
    Tier: version.tier,
    Policies: [],
    DataType: "text",
  });

  function find(given: string): Found {
    const { name, version } = readName(given);
    const parameter = store.get(name);
    if (!parameter) throw notFound(given);
    const found =
      version === undefined ? latest(parameter) : parameter.versions.find((v) => v.version === version);
    if (!found) {
      throw new AwsError(
        "ParameterVersionNotFound",
        `Systems Manager could not find version ${version} of ${name}.`,
      );
    }
    return { parameter, version: found, selector: version === undefined ? undefined : `:${version}` };
  }

  function matches(parameter: Parameter, input: Input): boolean {
    const version = latest(parameter);
    return filtersIn(input).every(({ key, option, values }) => {
      if (key === "Path") {
        return values.some((path) => isUnder(parameter.name, path, option === "Recursive"));
      }
      const tag = /^tag:(.+)$/.exec(key)?.[1];
      const own = {
        Name: parameter.name,
        Type: version.type,
        Tier: version.tier,
        KeyId: keyOf(version) ?? "",
        DataType: "text",
      };
      const given = tag === undefined ? own[key as keyof typeof own] : parameter.tags[tag];
      if (given === undefined) {
        if (tag !== undefined) return false;
        throw new AwsError("InvalidFilterKey", `The filter key ${key} is not one the local cloud knows.`);
      }
      return values.some((value) =>
        option === "BeginsWith"
          ? given.startsWith(value)
          : option === "Contains"
            ? given.includes(value)
            : given === value,
      );
    });
  }

  async function put(input: Input, call: Call) {
    const { name } = readName(text(input, "Name"));
    checkName(name);
    const value = text(input, "Value");
    const asked = prepare(name, value, input, call);
    if (asked.type !== "SecureString") return keep(name, input, { ...asked, stored: value });
    const keyId = optionalText(input, "KeyId") ?? defaultKey;
    const secured = await secure.protect(name, value, keyId, asked.tier, call);
    return keep(name, input, { ...asked, ...secured });
  }

  /** What is to be kept, but for its number and value; fails where it must not be put. */
  function prepare(name: string, value: string, input: Input, call: Call) {
    const before = demandWritable(name, input);
    const allowedPattern = optionalText(input, "AllowedPattern") ?? before?.allowedPattern;
    checkPattern(value, allowedPattern);
    return {
      type: typeOf(input, before),
      modified: Date.now(),
      modifiedBy: principalName(call.principal),
      description: optionalText(input, "Description") ?? before?.description,
      allowedPattern,
      tier: tierOf(input, value, before),
    };
  }

  /** The version before; fails where there must be none, or no tags. */
  function demandWritable(name: string, input: Input): ParameterVersion | undefined {
    const old = store.get(name);
    if (old && input.Overwrite !== true) {
      throw new AwsError(
        "ParameterAlreadyExists",
        "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
      );
    }
    if (old && input.Tags !== undefined) {
      throw invalid(
        "Tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag.",
      );
    }
    return old && latest(old);
  }

  function keep(name: string, input: Input, version: Omit<ParameterVersion, "version">) {
    // Another put may have come between while KMS was asked.
    const before = demandWritable(name, input);
    const old = store.get(name);
    const kept = { ...version, version: (before?.version ?? 0) + 1 };
    store.put({
      name,
      tags: old?.tags ?? tagsIn(input),
      versions: [...(old?.versions ?? []), kept].slice(-keptVersions),
    });
    return { Version: kept.version, Tier: kept.tier };
  }

  const one = (input: Input) => input.Name;
  const several = (input: Input) => input.Names;
  const tagged = (input: Input) => input.ResourceId;

  function findTagged(input: Input): Parameter {
    if (input.ResourceType !== "Parameter") {
      throw new AwsError("InvalidResourceType", "Only the tags of parameters are part of the local cloud.");
    }
    const parameter = store.get(readName(text(input, "ResourceId")).name);
    if (!parameter) throw new AwsError("InvalidResourceId", "The resource ID is not valid.");
    return parameter;
  }

  return {
    PutParameter: operation<Input, unknown>({
      access: (input) => {
        const requests = onNames(hub, "PutParameter", one)(input);
        return input.Tags ? [...requests, ...onNames(hub, "AddTagsToResource", one)(input)] : requests;
      },
      run: put,
    }),
    GetParameter: operation<Input, unknown>({
      access: onNames(hub, "GetParameter", one),
      run: async (input, call) => ({ Parameter: await shown(find(text(input, "Name")), input, call) }),
    }),
    GetParameters: operation<Input, unknown>({
      access: onNames(hub, "GetParameters", several),
      async run(input, call) {
        const found: Found[] = [];
        const unknown: string[] = [];
        for (const name of new Set(texts(input, "Names", 10))) {
          try {
            found.push(find(name));
          } catch (error) {
            if (!(error instanceof AwsError)) throw error;
            unknown.push(name);
          }
        }
        const Parameters = await Promise.all(found.map((one) => shown(one, input, call)));
        return { Parameters, InvalidParameters: unknown };
      },
    }),
    GetParametersByPath: operation<Input, unknown>({
      access: (input) => onNames(hub, "GetParametersByPath", ({ Path }) => Path)(input),
      async run(input, call) {
        const path = text(input, "Path");
        if (!path.startsWith("/")) throw invalid("The parameter path must begin with a slash.");
        const found = store
          .all()
          .filter(({ name }) => isUnder(name, path, input.Recursive === true))
          .filter((parameter) => matches(parameter, input));
        const { items, NextToken } = page(input, found, 10);
        const parameters = items.map((parameter) =>
          shown({ parameter, version: latest(parameter) }, input, call),
        );
        return { Parameters: await Promise.all(parameters), NextToken };
      },
    }),
    GetParameterHistory: operation<Input, unknown>({
      access: onNames(hub, "GetParameterHistory", one),
      async run(input, call) {
        const { parameter } = find(text(input, "Name"));
        const { items, NextToken } = page(input, parameter.versions, 50);
        const Parameters = items.map(async (version) => ({
          ...described(parameter, version),
          Value: await valueShown(parameter, version, input, call),
        }));
        return { Parameters: await Promise.all(Parameters), NextToken };
      },
    }),
    DescribeParameters: operation<Input, unknown>({
      access: () => [
        { action: "ssm:DescribeParameters", resource: `arn:aws:ssm:${hub.region}:${hub.accountId}:*` },
      ],
      run(input) {
        const { items, NextToken } = page(
          input,
          store.all().filter((parameter) => matches(parameter, input)),
          50,
        );
        return { Parameters: items.map((parameter) => described(parameter, latest(parameter))), NextToken };
      },
    }),
    DeleteParameter: operation<Input, unknown>({
      access: onNames(hub, "DeleteParameter", one),
      run(input) {
        const name = text(input, "Name");
        if (!store.delete(readName(name).name)) throw notFound(name);
        return {};
      },
    }),
    DeleteParameters: operation<Input, unknown>({
      access: onNames(hub, "DeleteParameters", several),
      run(input) {
        const names = texts(input, "Names", 10);
        const deleted = names.filter((name) => store.delete(readName(name).name));
        return {
          DeletedParameters: deleted,
          InvalidParameters: names.filter((name) => !deleted.includes(name)),
        };
      },
    }),
    AddTagsToResource: operation<Input, unknown>({
      access: onNames(hub, "AddTagsToResource", tagged),
      run(input) {
        const parameter = findTagged(input);
        store.put({ ...parameter, tags: { ...parameter.tags, ...tagsIn(input) } });
        return {};
      },
    }),
    RemoveTagsFromResource: operation<Input, unknown>({
      access: onNames(hub, "RemoveTagsFromResource", tagged),
      run(input) {
        const parameter = findTagged(input);
        const gone = new Set(texts(input, "TagKeys", 50));
        const tags = Object.fromEntries(Object.entries(parameter.tags).filter(([key]) => !gone.has(key)));
        store.put({ ...parameter, tags });
        return {};
      },
    }),
    ListTagsForResource: operation<Input, unknown>({
      access: onNames(hub, "ListTagsForResource", tagged),
      run: (input) => ({
        TagList: Object.entries(findTagged(input).tags).map(([Key, Value]) => ({ Key, Value })),
      }),
    }),
  };
}

function isUnder(name: string, path: string, recursive: boolean): boolean {
  const base = path.endsWith("/") ? path : `${path}/`;
  const qualified = name.startsWith("/") ? name : `/${name}`;
  return qualified.startsWith(base) && (recursive || !qualified.slice(base.length).includes("/"));
}

function checkPattern(value: string, pattern: string | undefined): void {
  if (pattern === undefined) return;
  let expression: RegExp;
  try {
    expression = new RegExp(pattern);
  } catch {
    throw new AwsError(
      "InvalidAllowedPatternException",
      `The pattern ${pattern} is not a valid regular expression.`,
    );
  }
  if (!expression.test(value)) {
    throw new AwsError(
      "ParameterPatternMismatchException",
      `Parameter value, cannot be validated against allowedPattern: ${pattern}`,
    );
  }
}
