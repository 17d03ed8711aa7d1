/** Tags of parameters. */
import { AwsError } from "../error.ts";
import type { Input } from "../protocol/json-input.ts";
import { type Hub, type Operation, operation } from "../service.ts";
import { onNames, readName, tagsIn, text, texts } from "./input.ts";
import type { Parameter, ParameterStore } from "./store.ts";

export function tagOperations(store: ParameterStore, hub: Hub): Record<string, Operation> {
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
