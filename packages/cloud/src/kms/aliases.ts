/** Aliases: other names for keys, which can be moved from one to the next. */
import { AwsError } from "../error.ts";
import { type Input, optionalText } from "../protocol/json-input.ts";
import { type AccessRequest, type Call, type Hub, type Operation, operation } from "../service.ts";
import { callFacts, keyRequest, onAccount } from "./access.ts";
import { invalid, notFound } from "./errors.ts";
import { page, text } from "./input.ts";
import type { Keyring } from "./keyring.ts";
import type { Alias } from "./model.ts";
import { demandStaying, ownKey } from "./usable.ts";

const mostAliases = 50;

export function aliasOperations(ring: Keyring, hub: Hub): Record<string, Operation> {
  const { store } = ring;
  const arnOf = (name: string) => `arn:aws:kms:${hub.region}:${hub.accountId}:${name}`;

  function newName(input: Input): string {
    const name = text(input, "AliasName");
    if (!/^alias\/[\w/-]{1,250}$/.test(name)) {
      throw new AwsError(
        "InvalidAliasNameException",
        "An alias is alias/ and then 1 to 250 letters, digits and / _ -",
      );
    }
    if (name.startsWith("alias/aws/"))
      throw new AwsError("NotAuthorizedException", `${name}: alias/aws/ is reserved.`);
    return name;
  }

  function existing(input: Input): Alias {
    const name = newName(input);
    const alias = store.alias(name);
    if (!alias) throw notFound(`Alias ${arnOf(name)} is not found.`);
    return alias;
  }

  /** An alias is changed by whoever may change it and every key it names. */
  function access(action: string, keys: (input: Input) => readonly unknown[]) {
    return (input: Input, call: Call): readonly AccessRequest[] => {
      const name = optionalText(input, "AliasName") ?? "";
      const resource = name.startsWith("alias/") ? arnOf(name) : "*";
      const known = keys(input).filter((key) => key !== undefined);
      return [
        { action: `kms:${action}`, resource, context: callFacts(call) },
        ...known.map((key) => keyRequest(ring, action, key, call)),
      ];
    };
  }

  const current = (input: Input) => store.alias(optionalText(input, "AliasName") ?? "")?.keyId;

  return {
    CreateAlias: operation<Input, unknown>({
      access: access("CreateAlias", (input) => [input.TargetKeyId]),
      run(input, call) {
        const name = newName(input);
        const key = ownKey(ring, input, "TargetKeyId");
        demandStaying(key);
        if (store.alias(name)) {
          throw new AwsError(
            "AlreadyExistsException",
            `An alias with the name ${arnOf(name)} already exists`,
          );
        }
        if (store.aliasesOf(key.id).length >= mostAliases) {
          throw new AwsError("LimitExceededException", `A key has at most ${mostAliases} aliases.`);
        }
        store.putAlias({ name, keyId: key.id, created: call.time, updated: call.time });
      },
    }),
    UpdateAlias: operation<Input, unknown>({
      access: access("UpdateAlias", (input) => [input.TargetKeyId, current(input)]),
      run(input, call) {
        const alias = existing(input);
        const key = ownKey(ring, input, "TargetKeyId");
        demandStaying(key);
        const before = store.key(alias.keyId);
        if (before && (before.spec !== key.spec || before.usage !== key.usage)) {
          throw invalid(
            `Alias ${alias.name} names a key of ${before.spec} for ${before.usage}: the new one must be alike.`,
          );
        }
        store.putAlias({ ...alias, keyId: key.id, updated: call.time });
      },
    }),
    DeleteAlias: operation<Input, unknown>({
      access: access("DeleteAlias", (input) => [current(input)]),
      run: (input) => store.deleteAlias(existing(input).name),
    }),
    ListAliases: operation<Input, unknown>({
      access: onAccount("ListAliases"),
      run(input) {
        const given = optionalText(input, "KeyId");
        const all = given === undefined ? store.aliases() : store.aliasesOf(ring.demand(given).id);
        const { items, rest } = page(input, all, 50, 100);
        return {
          Aliases: items.map(({ name, keyId, created, updated }) => ({
            AliasName: name,
            AliasArn: arnOf(name),
            TargetKeyId: keyId,
            CreationDate: created / 1000,
            LastUpdatedDate: updated / 1000,
          })),
          ...rest,
        };
      },
    }),
  };
}
