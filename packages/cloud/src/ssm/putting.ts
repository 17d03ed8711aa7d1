/** Putting a parameter: what may be put, and which version it becomes. */
import { AwsError } from "../error.ts";
import { principalName } from "../iam/authorize.ts";
import { type Input, optionalText } from "../protocol/json-input.ts";
import { type Call, type Hub, type Operation, operation } from "../service.ts";
import { invalid, onNames, readName, tagsIn, text } from "./input.ts";
import { defaultKey, secureValues } from "./secure.ts";
import { latest, type ParameterStore, type ParameterType, type ParameterVersion } from "./store.ts";

const keptVersions = 100;
const sizeLimits: Readonly<Record<string, number>> = { Standard: 4096, Advanced: 8192 };

export function putOperations(store: ParameterStore, hub: Hub): Record<string, Operation> {
  const secure = secureValues(hub, store.openOld);
  const named = (input: Input) => input.Name;

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

  return {
    PutParameter: operation<Input, unknown>({
      access: (input) => {
        const requests = onNames(hub, "PutParameter", named)(input);
        return input.Tags ? [...requests, ...onNames(hub, "AddTagsToResource", named)(input)] : requests;
      },
      run: put,
    }),
  };
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
