/** Published versions and the aliases that name them. */
import { randomUUID } from "node:crypto";
import { type Operation, operation } from "../../service.ts";
import { describeAlias, describeFunction } from "../describe.ts";
import { conflict, functionNotFound, invalid, notFound } from "../errors.ts";
import type { Alias, FunctionVersion } from "../model.ts";
import { functionArn } from "../names.ts";
import {
  checkRevision,
  type FunctionInput,
  onFunction,
  onUnqualified,
  page,
  type Room,
  referenceOf,
  requireFunction,
} from "../room.ts";
import { member, text } from "../settings.ts";

interface PublishInput extends FunctionInput {
  readonly CodeSha256?: string;
  readonly Description?: string;
}

interface AliasInput extends FunctionInput {
  readonly Name?: unknown;
  readonly FunctionVersion?: unknown;
  readonly Description?: unknown;
  readonly RoutingConfig?: unknown;
}

interface ListInput extends FunctionInput {
  readonly Marker?: unknown;
  readonly MaxItems?: unknown;
}

/** Freezes `$LATEST` under the next number; the same again while nothing changed. */
export function publish(room: Room, latest: FunctionVersion, description: string): FunctionVersion {
  const last = room.store.versions(latest.name).at(-1);
  if (last && last.version !== latest.version && sameContent(last, latest)) return last;
  const version = String(room.store.nextVersion(latest.name));
  const published = {
    ...latest,
    version,
    description: description || latest.description,
    revisionId: randomUUID(),
  };
  room.store.putVersion(published);
  return published;
}

function sameContent(a: FunctionVersion, b: FunctionVersion): boolean {
  const content = ({ version, revisionId, lastModified, description, ...rest }: FunctionVersion) =>
    JSON.stringify(rest);
  return content(a) === content(b);
}

export function versionOperations(room: Room): Record<string, Operation> {
  const { hub, store } = room;

  function requireAlias(name: string, alias: unknown): Alias {
    const found = store.alias(name, String(alias));
    if (!found)
      throw notFound(`Cannot find alias arn: ${functionArn(hub, { name, qualifier: String(alias) })}`);
    return found;
  }

  function readAlias(input: AliasInput, before: Alias): Alias {
    const version = input.FunctionVersion === undefined ? before.version : String(input.FunctionVersion);
    if (!store.version(before.functionName, version)) {
      throw functionNotFound(functionArn(hub, { name: before.functionName, qualifier: version }));
    }
    const weights = member(input.RoutingConfig, "AdditionalVersionWeights") as
      | Record<string, number>
      | undefined;
    for (const other of Object.keys(weights ?? {})) {
      if (!store.version(before.functionName, other)) {
        throw functionNotFound(functionArn(hub, { name: before.functionName, qualifier: other }));
      }
    }
    return {
      ...before,
      version,
      revisionId: randomUUID(),
      ...(input.Description === undefined
        ? {}
        : { description: text("Description", input.Description, 256) }),
      ...(input.RoutingConfig === undefined ? {} : { weights }),
    };
  }

  return {
    PublishVersion: operation<PublishInput, object>({
      access: onUnqualified(hub, "PublishVersion"),
      run(input) {
        const latest = requireFunction(room, referenceOf(input));
        checkRevision(input.RevisionId, latest.revisionId);
        const hash = Buffer.from(latest.codeHash, "hex").toString("base64");
        if (input.CodeSha256 && input.CodeSha256 !== hash) {
          throw invalid(
            `CodeSHA256 (${input.CodeSha256}) is different from current CodeSHA256 in $LATEST (${hash}). Please try again with the CodeSHA256 in $LATEST.`,
          );
        }
        return { $status: 201, ...describeFunction(publish(room, latest, input.Description ?? "")) };
      },
    }),

    ListVersionsByFunction: operation<ListInput, object>({
      access: onUnqualified(hub, "ListVersionsByFunction"),
      run(input) {
        const { name } = requireFunction(room, referenceOf(input));
        const { items, next } = page(store.versions(name), input);
        return {
          Versions: items.map((one) => describeFunction(one, true)),
          ...(next ? { NextMarker: next } : {}),
        };
      },
    }),

    CreateAlias: operation<AliasInput, object>({
      access: onUnqualified(hub, "CreateAlias"),
      run(input, call) {
        const { name } = requireFunction(room, referenceOf(input));
        const alias = String(input.Name ?? "");
        if (!/^(?!^\d+$)[a-zA-Z0-9-_]{1,128}$/.test(alias))
          throw invalid(`“${alias}” is not a name for an alias.`);
        if (store.alias(name, alias)) {
          throw conflict(`Alias already exists: ${functionArn(hub, { name, qualifier: alias })}`);
        }
        const created = readAlias(input, {
          functionName: name,
          name: alias,
          version: "",
          description: "",
          revisionId: "",
        });
        store.putAlias(created);
        return { $status: 201, ...describeAlias(created, call) };
      },
    }),

    GetAlias: operation<AliasInput, object>({
      access: (input) => onFunction(hub, "GetAlias")({ FunctionName: input.FunctionName }),
      run(input, call) {
        const { name } = requireFunction(room, referenceOf(input));
        return describeAlias(requireAlias(name, input.Name), call);
      },
    }),

    UpdateAlias: operation<AliasInput, object>({
      access: onUnqualified(hub, "UpdateAlias"),
      run(input, call) {
        const { name } = requireFunction(room, referenceOf(input));
        const before = requireAlias(name, input.Name);
        checkRevision(input.RevisionId, before.revisionId);
        const changed = readAlias(input, before);
        store.putAlias(changed);
        return describeAlias(changed, call);
      },
    }),

    DeleteAlias: operation<AliasInput, object>({
      access: onUnqualified(hub, "DeleteAlias"),
      run(input) {
        store.removeAlias(referenceOf(input).name, String(input.Name));
        return { $status: 204 };
      },
    }),

    ListAliases: operation<ListInput & { FunctionVersion?: unknown }, object>({
      access: onUnqualified(hub, "ListAliases"),
      run(input, call) {
        const { name } = requireFunction(room, referenceOf(input));
        const wanted = store
          .aliases(name)
          .filter(({ version }) => input.FunctionVersion === undefined || version === input.FunctionVersion);
        const { items, next } = page(wanted, input);
        return {
          Aliases: items.map((alias) => describeAlias(alias, call)),
          ...(next ? { NextMarker: next } : {}),
        };
      },
    }),
  };
}
