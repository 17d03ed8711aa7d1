/** Schedule groups, and their tags. One named `default` is always there. */
import type { DatabaseSync } from "node:sqlite";
import { AwsError } from "../error.ts";
import { type AccessRequest, type Call, type Hub, type Operation, operation } from "../service.ts";
import type { GroupCommit } from "../store/group-commit.ts";

type Input = Readonly<Record<string, unknown>>;

const defaultName = "default";
const mostTags = 50;

export interface ScheduleGroup {
  readonly Name: string;
  readonly Arn: string;
  readonly State: "ACTIVE";
  /** Seconds since the epoch, as on the wire. */
  readonly CreationDate: number;
  readonly LastModificationDate: number;
  readonly tags: Readonly<Record<string, string>>;
}

export interface GroupStore {
  get(name: string): ScheduleGroup | undefined;
  /** By name. */
  all(): readonly ScheduleGroup[];
  save(group: ScheduleGroup): void;
  remove(name: string): void;
}

export function groupStore(database: DatabaseSync, hub: Hub): GroupStore {
  database.exec("CREATE TABLE IF NOT EXISTS schedule_group (name TEXT PRIMARY KEY, content TEXT NOT NULL)");
  const put = database.prepare("INSERT OR REPLACE INTO schedule_group VALUES (?, ?)");
  const remove = database.prepare("DELETE FROM schedule_group WHERE name = ?");
  const groups = new Map<string, ScheduleGroup>();
  const save = (group: ScheduleGroup) => {
    put.run(group.Name, JSON.stringify(group));
    groups.set(group.Name, group);
  };
  for (const { content } of database.prepare("SELECT content FROM schedule_group").all()) {
    const group = JSON.parse(String(content)) as ScheduleGroup;
    groups.set(group.Name, group);
  }
  if (!groups.has(defaultName)) save(newGroup(hub, defaultName, {}, Date.now() / 1000));
  return {
    get: (name) => groups.get(name),
    all: () => [...groups.values()].sort((a, b) => (a.Name < b.Name ? -1 : 1)),
    save,
    remove(name) {
      remove.run(name);
      groups.delete(name);
    },
  };
}

function groupArn(hub: Hub, name: string): string {
  return `arn:aws:scheduler:${hub.region}:${hub.accountId}:schedule-group/${name}`;
}

function newGroup(hub: Hub, Name: string, tags: ScheduleGroup["tags"], now: number): ScheduleGroup {
  return {
    Name,
    Arn: groupArn(hub, Name),
    State: "ACTIVE",
    CreationDate: now,
    LastModificationDate: now,
    tags,
  };
}

function invalid(message: string): AwsError {
  return new AwsError("ValidationException", message);
}

export function noSuchGroup(name: string): AwsError {
  return new AwsError("ResourceNotFoundException", `Schedule group ${name} does not exist.`, 404);
}

function text(input: Input, name: string): string {
  const value = input[name];
  if (value !== undefined && typeof value !== "string") throw invalid(`${name} must be a string.`);
  return value ?? "";
}

function tagsIn(input: Input): Record<string, string> {
  const tags = input.Tags ?? [];
  if (!Array.isArray(tags) || tags.some((tag) => typeof tag !== "object" || tag === null))
    throw invalid("Tags must be a list of Key and Value.");
  return Object.fromEntries(tags.map((tag: Input) => [text(tag, "Key"), text(tag, "Value")]));
}

function limited(tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (Object.keys(tags).length > mostTags) throw invalid(`A schedule group has at most ${mostTags} tags.`);
  return tags;
}

export interface GroupState {
  readonly hub: Hub;
  readonly groups: GroupStore;
  readonly commit: GroupCommit;
  /** Takes away the schedules of a group: called inside of a commit. */
  readonly empty: (name: string) => void;
}

export function groupOperations({ hub, groups, commit, empty }: GroupState): Record<string, Operation> {
  const onGroup =
    (action: string) =>
    (input: Input): readonly AccessRequest[] => [
      { action: `scheduler:${action}`, resource: groupArn(hub, text(input, "Name")) },
    ];
  const onArn =
    (action: string) =>
    (input: Input): readonly AccessRequest[] => [
      { action: `scheduler:${action}`, resource: text(input, "ResourceArn") || "*" },
    ];

  function find(name: string): ScheduleGroup {
    const group = groups.get(name);
    if (!group) throw noSuchGroup(name);
    return group;
  }

  /** Only groups have tags. */
  function tagged(input: Input): ScheduleGroup {
    const arn = text(input, "ResourceArn");
    const group = groups.get(arn.slice(groupArn(hub, "").length));
    if (group?.Arn !== arn) {
      throw new AwsError("ResourceNotFoundException", `There is no schedule group ${arn}.`, 404);
    }
    return group;
  }

  const shown = ({ tags: _, ...group }: ScheduleGroup) => group;

  return {
    CreateScheduleGroup: operation({
      access(input: Input): readonly AccessRequest[] {
        const create = onGroup("CreateScheduleGroup")(input);
        return Object.keys(tagsIn(input)).length > 0 ? [...create, ...onGroup("TagResource")(input)] : create;
      },
      async run(input: Input, call: Call) {
        const name = text(input, "Name");
        if (!/^[\w.-]{1,64}$/.test(name)) throw invalid(`The name ${name.slice(0, 64)} is not valid.`);
        if (groups.get(name)) {
          throw new AwsError("ConflictException", `Schedule group ${name} already exists.`, 409);
        }
        const group = newGroup(hub, name, limited(tagsIn(input)), call.time / 1000);
        await commit.write(() => groups.save(group));
        return { ScheduleGroupArn: group.Arn };
      },
    }),
    GetScheduleGroup: operation({
      access: onGroup("GetScheduleGroup"),
      run: (input: Input) => shown(find(text(input, "Name"))),
    }),
    DeleteScheduleGroup: operation({
      access: onGroup("DeleteScheduleGroup"),
      async run(input: Input) {
        const { Name } = find(text(input, "Name"));
        if (Name === defaultName) throw invalid("The default schedule group can't be deleted.");
        await commit.write(() => {
          empty(Name);
          groups.remove(Name);
        });
        return {};
      },
    }),
    ListScheduleGroups: operation({
      access: () => [{ action: "scheduler:ListScheduleGroups", resource: "*" }],
      run(input: Input) {
        const prefix = text(input, "NamePrefix");
        const found = groups.all().filter(({ Name }) => Name.startsWith(prefix));
        const size = Number(text(input, "MaxResults") || 100);
        const from = Number(text(input, "NextToken") || 0);
        if (!(size >= 1 && size <= 100) || !Number.isInteger(from) || from < 0) {
          throw invalid("MaxResults must be between 1 and 100, and NextToken one that was given.");
        }
        const end = from + size;
        return {
          ScheduleGroups: found.slice(from, end).map(shown),
          NextToken: end < found.length ? String(end) : undefined,
        };
      },
    }),
    ListTagsForResource: operation({
      access: onArn("ListTagsForResource"),
      run: (input: Input) => ({
        Tags: Object.entries(tagged(input).tags).map(([Key, Value]) => ({ Key, Value })),
      }),
    }),
    TagResource: operation({
      access: onArn("TagResource"),
      async run(input: Input) {
        const group = tagged(input);
        const tags = limited({ ...group.tags, ...tagsIn(input) });
        await commit.write(() => groups.save({ ...group, tags }));
        return {};
      },
    }),
    UntagResource: operation({
      access: onArn("UntagResource"),
      async run(input: Input) {
        const group = tagged(input);
        const gone = new Set([input.TagKeys ?? []].flat());
        const tags = Object.fromEntries(Object.entries(group.tags).filter(([key]) => !gone.has(key)));
        await commit.write(() => groups.save({ ...group, tags }));
        return {};
      },
    }),
  };
}
