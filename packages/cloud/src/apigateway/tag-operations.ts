/** Tags of APIs and of their stages. */
import { type Operation, operation } from "../service.ts";
import { accessTo } from "./access.ts";
import { type Input, requiredText, textMap, texts } from "./input.ts";
import type { Stage } from "./model.ts";
import { type ApiGatewayState, notFound } from "./state.ts";

export function tagOperations({ hub, store, commit }: ApiGatewayState): Record<string, Operation> {
  const { onTags } = accessTo(hub);

  /** The API or stage an ARN names. */
  function tagged(input: Input): {
    tags: Readonly<Record<string, string>>;
    save(tags: Record<string, string>): void;
  } {
    const resource = requiredText(input, "resourceArn");
    const match = /\/apis\/(\w+)(?:\/stages\/(.+))?$/.exec(resource);
    const [, apiId = "", stageName] = match ?? [];
    if (stageName === undefined) {
      const api = store.get(apiId, "api", apiId);
      if (!api) throw notFound("resource", resource);
      return { tags: api.tags, save: (tags) => store.save(apiId, "api", apiId, { ...api, tags }) };
    }
    const stage: Stage | undefined = store.get(apiId, "stage", stageName);
    if (!stage) throw notFound("resource", resource);
    return { tags: stage.tags, save: (tags) => store.save(apiId, "stage", stageName, { ...stage, tags }) };
  }

  return {
    TagResource: operation({
      access: onTags("POST"),
      async run(input: Input) {
        const resource = tagged(input);
        const tags = { ...resource.tags, ...textMap(input, "tags") };
        await commit.write(() => resource.save(tags));
      },
    }),
    UntagResource: operation({
      access: onTags("DELETE"),
      async run(input: Input) {
        const resource = tagged(input);
        const gone = new Set(texts(input, "tagKeys"));
        const rest = Object.entries(resource.tags).filter(([key]) => !gone.has(key));
        await commit.write(() => resource.save(Object.fromEntries(rest)));
      },
    }),
    GetTags: operation({ access: onTags("GET"), run: (input: Input) => ({ tags: tagged(input).tags }) }),
  };
}
