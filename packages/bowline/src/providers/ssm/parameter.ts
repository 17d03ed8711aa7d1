import type { ResourceHandler } from "@bowline/engine";
import type { ParameterArgs, ParameterState } from "@pulumi/aws/ssm/parameter.js";
import { type Aws, allTags, isEmpty, tagChanges, tagList } from "../aws.ts";
import { hasCode } from "../client.ts";
import type { Inputs } from "../plain.ts";
import { mayAdopt, resource } from "../resource.ts";

type ParameterInputs = Inputs<ParameterArgs>;

interface Found {
  readonly ARN?: string;
  readonly Type: string;
  readonly Value: string;
  readonly Version: number;
  readonly DataType?: string;
}

export function parameter(aws: Aws): ResourceHandler {
  const arnOf = (name: string) => aws.arn("ssm", `parameter${name.startsWith("/") ? "" : "/"}${name}`);
  const put = (inputs: ParameterInputs, Overwrite: boolean, tags: object) =>
    aws.client.json("ssm", "PutParameter", {
      Name: inputs.name,
      Type: inputs.type,
      Value: inputs.value ?? inputs.insecureValue ?? inputs.valueWo ?? "",
      Description: inputs.description,
      AllowedPattern: inputs.allowedPattern,
      DataType: inputs.dataType,
      KeyId: inputs.keyId,
      Tier: inputs.tier,
      Overwrite,
      ...tags,
    });

  return resource<ParameterArgs, ParameterState>(aws.endpoint, {
    required: ["type"],
    autoName: { property: "name", maxLength: 1011, forbidden: /[^A-Za-z0-9_./-]/g },
    replaceOn: ["name", "dataType", "region"],
    secretOutputs: ["value"],
    volatile: ["version"],
    validate: (inputs) =>
      [inputs.value, inputs.insecureValue, inputs.valueWo].some((value) => value !== undefined)
        ? []
        : [{ property: "value", reason: 'A parameter needs a "value" (or "insecureValue", or "valueWo").' }],
    find: (inputs) => inputs.name,
    async create(inputs, context) {
      const name = String(inputs.name);
      const tags = allTags(inputs.tags, context);
      try {
        await put(inputs, false, isEmpty(tags) ? {} : { Tags: tagList(tags) });
      } catch (error) {
        const isOurs = mayAdopt(name, context) || inputs.overwrite === true;
        if (!hasCode(error, "ParameterAlreadyExists") || !isOurs) throw error;
        await put(inputs, true, {});
      }
      return name;
    },
    async describe(id, inputs, context) {
      const { Parameter } = await aws.client.json<{ Parameter: Found }>("ssm", "GetParameter", {
        Name: id,
        WithDecryption: true,
      });
      return {
        name: id,
        arn: Parameter.ARN ?? arnOf(id),
        type: Parameter.Type,
        version: Parameter.Version,
        dataType: Parameter.DataType ?? "text",
        tier: inputs.tier ?? "Standard",
        region: aws.region,
        // What is write-only stays out of the outputs, and so out of the state.
        ...(inputs.valueWo === undefined ? { value: Parameter.Value } : {}),
        hasValueWo: inputs.valueWo !== undefined,
        tagsAll: allTags(inputs.tags, context),
      };
    },
    async update(id, inputs, old, context) {
      await put(inputs, true, {});
      const resourceTags = { ResourceType: "Parameter", ResourceId: id };
      const tags = tagChanges(inputs, old.inputs, context);
      if (tags.removed.length > 0) {
        await aws.client.json("ssm", "RemoveTagsFromResource", { ...resourceTags, TagKeys: tags.removed });
      }
      if (!isEmpty(tags.put))
        await aws.client.json("ssm", "AddTagsToResource", { ...resourceTags, Tags: tagList(tags.put) });
    },
    async delete(id) {
      await aws.client.json("ssm", "DeleteParameter", { Name: id });
    },
    predict: (inputs) => ({ arn: arnOf(String(inputs.name)), region: aws.region }),
  });
}
