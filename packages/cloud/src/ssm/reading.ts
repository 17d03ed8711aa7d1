/** Parameters: getting, listing, deleting. */
import { AwsError } from "../error.ts";
import type { Input } from "../protocol/json-input.ts";
import { type Call, type Hub, type Operation, operation } from "../service.ts";
import { arnOf, filtersIn, invalid, onNames, page, readName, text, texts } from "./input.ts";
import { defaultKey, secureValues } from "./secure.ts";
import { latest, notFound, type Parameter, type ParameterStore, type ParameterVersion } from "./store.ts";

interface Found {
  readonly parameter: Parameter;
  readonly version: ParameterVersion;
  readonly selector?: string;
}

export function readingOperations(store: ParameterStore, hub: Hub): Record<string, Operation> {
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

  const one = (input: Input) => input.Name;
  const several = (input: Input) => input.Names;
  return {
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
  };
}

function isUnder(name: string, path: string, recursive: boolean): boolean {
  const base = path.endsWith("/") ? path : `${path}/`;
  const qualified = name.startsWith("/") ? name : `/${name}`;
  return qualified.startsWith(base) && (recursive || !qualified.slice(base.length).includes("/"));
}
