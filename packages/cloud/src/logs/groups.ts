/** Log groups: their life, retention and tags. */
import { AwsError } from "../error.ts";
import { type Hub, type Operation, operation } from "../service.ts";
import { sendHeldBack } from "./held-back.ts";
import {
  access,
  groupArn,
  groupOf,
  type Input,
  invalid,
  limitOf,
  nameInArn,
  notFound,
  optionalNumber,
  optionalText,
  page,
  tagsIn,
  text,
} from "./input.ts";
import type { LogGroup, LogStore } from "./store.ts";

const retentions = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

export function findGroup(store: LogStore, name: string): LogGroup {
  const group = store.group(name);
  if (!group) throw notFound("log group");
  store.expire(group);
  return group;
}

export function groupOperations(store: LogStore, hub: Hub): Record<string, Operation> {
  const shown = (group: LogGroup) => ({
    logGroupName: group.name,
    creationTime: group.created,
    retentionInDays: group.retention,
    metricFilterCount: 0,
    arn: `${groupArn(hub, group.name)}:*`,
    logGroupArn: groupArn(hub, group.name),
    storedBytes: store.storedBytes(group.name),
    logGroupClass: "STANDARD",
  });
  const onArn = (action: string) => (input: Input) => [
    { action: `logs:${action}`, resource: String(input.resourceArn ?? "*") },
  ];
  const changeTags = (name: string, change: (tags: Record<string, string>) => Record<string, string>) => {
    const group = findGroup(store, name);
    store.putGroup({ ...group, tags: tagsIn(change({ ...group.tags })) });
  };
  const withoutTags = (keys: unknown) => (tags: Record<string, string>) => {
    for (const key of Array.isArray(keys) ? keys : []) delete tags[String(key)];
    return tags;
  };

  return {
    CreateLogGroup: operation<Input, void>({
      access: (input) => {
        const requests = access(hub, "CreateLogGroup")(input);
        return input.tags ? [...requests, ...access(hub, "TagResource")(input)] : requests;
      },
      run(input) {
        const name = text(input, "logGroupName");
        if (name.length > 512 || !/^[\w./#-]+$/.test(name)) {
          throw invalid("A log group's name is 1 to 512 letters, digits and _ - / . #");
        }
        if (store.group(name)) {
          throw new AwsError("ResourceAlreadyExistsException", "The specified log group already exists");
        }
        store.putGroup({ name, created: Date.now(), retention: undefined, tags: tagsIn(input.tags) });
      },
    }),
    DeleteLogGroup: operation<Input, void>({
      access: access(hub, "DeleteLogGroup"),
      run(input) {
        store.deleteGroup(findGroup(store, groupOf(input)).name);
      },
    }),
    DescribeLogGroups: operation<Input, unknown>({
      access: access(hub, "DescribeLogGroups"),
      async run(input) {
        await sendHeldBack(hub);
        const prefix = optionalText(input, "logGroupNamePrefix") ?? "";
        const part = optionalText(input, "logGroupNamePattern") ?? "";
        if (prefix && part) throw invalid("Give either logGroupNamePrefix or logGroupNamePattern.");
        const found = store.groups().filter(({ name }) => name.startsWith(prefix) && name.includes(part));
        const { items, nextToken } = page(input, found, limitOf(input, 50, 50));
        return { logGroups: items.map(shown), nextToken };
      },
    }),
    PutRetentionPolicy: operation<Input, void>({
      access: access(hub, "PutRetentionPolicy"),
      run(input) {
        const retention = optionalNumber(input, "retentionInDays") ?? 0;
        if (!retentions.includes(retention)) {
          throw invalid(`retentionInDays must be one of ${retentions.join(", ")}.`);
        }
        store.putGroup({ ...findGroup(store, groupOf(input)), retention });
      },
    }),
    DeleteRetentionPolicy: operation<Input, void>({
      access: access(hub, "DeleteRetentionPolicy"),
      run(input) {
        store.putGroup({ ...findGroup(store, groupOf(input)), retention: undefined });
      },
    }),
    TagResource: operation<Input, void>({
      access: onArn("TagResource"),
      run(input) {
        changeTags(nameInArn(text(input, "resourceArn")), (tags) => ({ ...tags, ...tagsIn(input.tags) }));
      },
    }),
    UntagResource: operation<Input, void>({
      access: onArn("UntagResource"),
      run(input) {
        changeTags(nameInArn(text(input, "resourceArn")), withoutTags(input.tagKeys));
      },
    }),
    ListTagsForResource: operation<Input, unknown>({
      access: onArn("ListTagsForResource"),
      run: (input) => ({ tags: findGroup(store, nameInArn(text(input, "resourceArn"))).tags }),
    }),
    TagLogGroup: operation<Input, void>({
      access: access(hub, "TagLogGroup"),
      run(input) {
        changeTags(groupOf(input), (tags) => ({ ...tags, ...tagsIn(input.tags) }));
      },
    }),
    UntagLogGroup: operation<Input, void>({
      access: access(hub, "UntagLogGroup"),
      run(input) {
        changeTags(groupOf(input), withoutTags(input.tags));
      },
    }),
    ListTagsLogGroup: operation<Input, unknown>({
      access: access(hub, "ListTagsLogGroup"),
      run: (input) => ({ tags: findGroup(store, groupOf(input)).tags }),
    }),
  };
}
