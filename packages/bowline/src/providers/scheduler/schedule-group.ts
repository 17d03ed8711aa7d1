import type { ResourceHandler } from "@bowline/engine";
import type { ScheduleGroupArgs, ScheduleGroupState } from "@pulumi/aws/scheduler/scheduleGroup.js";
import { type Aws, allTags, isEmpty, tagChanges, tagList } from "../aws.ts";
import { hasCode } from "../client.ts";
import { mayAdopt, resource } from "../resource.ts";
import { until } from "../wait.ts";

interface Found {
  readonly Arn: string;
  readonly State?: string;
  readonly CreationDate?: number;
  readonly LastModificationDate?: number;
}

export function scheduleGroup(aws: Aws): ResourceHandler {
  const pathOf = (name: string) => `/schedule-groups/${encodeURIComponent(name)}`;
  return resource<ScheduleGroupArgs, ScheduleGroupState>(aws.endpoint, {
    autoName: {
      property: "name",
      prefixProperty: "namePrefix",
      maxLength: 64,
      forbidden: /[^A-Za-z0-9_.-]/g,
    },
    replaceOn: ["name", "namePrefix", "region"],
    find: (inputs) => inputs.name,
    async create(inputs, context) {
      const name = String(inputs.name);
      try {
        await aws.client.restJson("scheduler", "POST", pathOf(name), {
          Tags: tagList(allTags(inputs.tags, context)),
        });
      } catch (error) {
        if (!hasCode(error, "ConflictException") || !mayAdopt(name, context)) throw error;
      }
      return name;
    },
    async describe(id, inputs, context) {
      const found = await aws.client.restJson<Found>("scheduler", "GET", pathOf(id));
      if (found.State === "DELETING") return undefined;
      return {
        name: id,
        arn: found.Arn,
        state: found.State ?? "ACTIVE",
        creationDate: dateOf(found.CreationDate),
        lastModificationDate: dateOf(found.LastModificationDate),
        region: aws.region,
        tagsAll: allTags(inputs.tags, context),
      };
    },
    async update(id, inputs, old, context) {
      const path = `/tags/${encodeURIComponent(aws.arn("scheduler", `schedule-group/${id}`))}`;
      const tags = tagChanges(inputs, old.inputs, context);
      for (const key of tags.removed)
        await aws.client.restJson("scheduler", "DELETE", path, undefined, { TagKeys: key });
      if (!isEmpty(tags.put))
        await aws.client.restJson("scheduler", "POST", path, { Tags: tagList(tags.put) });
    },
    async delete(id, _old, context) {
      await aws.client.restJson("scheduler", "DELETE", pathOf(id));
      await until(`Deleting the schedule group ${id}`, context.signal, async () => {
        try {
          await aws.client.restJson("scheduler", "GET", pathOf(id));
          return undefined;
        } catch (error) {
          if (hasCode(error, "ResourceNotFoundException")) return true;
          throw error;
        }
      });
    },
    predict: (inputs) => ({ arn: aws.arn("scheduler", `schedule-group/${inputs.name}`), region: aws.region }),
  });
}

function dateOf(seconds: number | undefined): string {
  return seconds === undefined ? "" : new Date(seconds * 1000).toISOString();
}
