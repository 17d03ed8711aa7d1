/** The secrets of a stage at home in a cloud: the same on every machine that works on it. */

import { hkdfSync } from "node:crypto";
import type { CloudHome } from "../deploy/pulumi/home.ts";
import type { HomeObjects } from "../deploy/pulumi/home-objects.ts";
import type { StateHome } from "../deploy/pulumi/state-home.ts";
import { checkName } from "../link/name.ts";
import { seal, unseal } from "./seal.ts";
import type { SecretStore } from "./store.ts";

/** Whose secrets they are. */
export interface SecretOwner {
  readonly name: string;
  /** No stage has the name of the fallback's: they begin with a letter. */
  readonly stage: string;
}

/** The owner of what stages without a value of their own get. */
export const FALLBACK = "_fallback";

/** One encrypted object each, beside the state, so that two people setting secrets at once lose none. */
export function homeSecrets(
  { objects, passphrase }: Pick<StateHome, "objects" | "passphrase">,
  owner: SecretOwner,
): SecretStore {
  const prefix = prefixOf(owner);
  const key = new Uint8Array(hkdfSync("sha256", passphrase, "", `bowline secrets ${prefix}`, 32));
  const keyOf = (name: string) => prefix + checkName(name, "A secret");
  const names = () => namesIn(objects, owner);
  return {
    async set(name, value) {
      await objects.write(keyOf(name), seal(value, name, key).toString("base64"));
    },
    async remove(name) {
      const there = (await objects.read(keyOf(name))) !== undefined;
      if (there) await objects.remove(keyOf(name));
      return there;
    },
    names,
    async load() {
      const values = await Promise.all(
        (await names()).map(async (name): Promise<[string, string][]> => {
          const sealed = await objects.read(keyOf(name));
          // Removed by somebody else a moment ago.
          if (sealed === undefined) return [];
          return [[name, unseal(Buffer.from(sealed, "base64"), name, key)]];
        }),
      );
      return new Map(values.flat());
    },
  };
}

/** What a stage's program gets: the stage's own values, and for the rest those of the fallback. */
export async function loadHomeSecrets(home: CloudHome, owner: SecretOwner): Promise<Map<string, string>> {
  const fallback = { ...owner, stage: FALLBACK };
  const [own, others] = await Promise.all([
    homeSecrets(home.state, owner).load(),
    namesIn(home.state.objects, fallback).then(async (names) =>
      // A passphrase that nothing is encrypted with yet is not made by looking for it.
      names.length > 0 ? homeSecrets(await home.of(FALLBACK), fallback).load() : [],
    ),
  ]);
  return new Map([...others, ...own]);
}

/** Their names, which are told without a key. */
export async function namesIn(objects: HomeObjects, owner: SecretOwner): Promise<string[]> {
  const prefix = prefixOf(owner);
  return (await objects.list(prefix)).map((key) => key.slice(prefix.length)).sort();
}

function prefixOf({ name, stage }: SecretOwner): string {
  return `bowline/secrets/${name}/${stage}/`;
}
