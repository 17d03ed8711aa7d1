/** The labels of versions: each is on one version at a time, and AWSPREVIOUS follows AWSCURRENT. */
import { invalid, invalidRequest, notFound } from "./errors.ts";
import type { Secret, Version } from "./model.ts";

export const current = "AWSCURRENT";
export const previous = "AWSPREVIOUS";
export const pending = "AWSPENDING";

const mostVersions = 100;

export function versionOf(versions: readonly Version[], id: string): Version | undefined {
  return versions.find((version) => version.id === id);
}

export function holderOf(versions: readonly Version[], stage: string): Version | undefined {
  return versions.find(({ stages }) => stages.includes(stage));
}

function label(versions: readonly Version[], stage: string, id: string | undefined): readonly Version[] {
  return versions.map((version) => {
    const stages = version.stages.filter((each) => each !== stage);
    return { ...version, stages: version.id === id ? [...stages, stage] : stages };
  });
}

/** The versions with a label on another one, or on none. */
export function moveStage(
  versions: readonly Version[],
  stage: string,
  id: string | undefined,
): readonly Version[] {
  const before = holderOf(versions, stage)?.id;
  if (before === id) return versions;
  const moved = label(versions, stage, id);
  return stage === current && before !== undefined ? label(moved, previous, before) : moved;
}

/** The versions that are kept: all with labels, and the newest of the rest. */
export function prune(versions: readonly Version[]): readonly Version[] {
  let surplus = versions.length - mostVersions;
  return versions.filter(({ stages }) => stages.length > 0 || surplus-- <= 0);
}

/** What a request for a value asks for, by version or stage; the current one if by neither. */
export function wantedVersion(secret: Secret, id: string | undefined, stage: string | undefined): Version {
  if (id !== undefined) {
    const version = versionOf(secret.versions, id);
    if (!version) throw notFound(`the specified secret value for VersionId: ${id}`);
    if (stage !== undefined && !version.stages.includes(stage)) {
      throw invalidRequest("You provided a VersionStage that is not associated to the provided VersionId.");
    }
    return version;
  }
  const wanted = stage ?? current;
  const version = holderOf(secret.versions, wanted);
  if (!version) throw notFound(`the specified secret value for staging label: ${wanted}`);
  return version;
}

/** Moves a label as `UpdateSecretVersionStage` does, from where the caller says it is. */
export function changeStage(
  secret: Secret,
  stage: string,
  from: string | undefined,
  to: string | undefined,
): readonly Version[] {
  const { versions } = secret;
  for (const id of [from, to]) {
    if (id !== undefined && !versionOf(versions, id)) throw notFound(`the specified version: ${id}`);
  }
  const holder = holderOf(versions, stage)?.id;
  if (from === undefined && to === undefined) {
    throw invalid("Give RemoveFromVersionId, MoveToVersionId or both.");
  }
  if (holder !== undefined && holder !== to && holder !== from) {
    throw invalid(
      `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ${holder}, so you must explicitly reference that version in RemoveFromVersionId.`,
    );
  }
  if (from !== undefined && from !== holder && from !== to) {
    throw invalid(`Staging label ${stage} is not attached to version ${from}.`);
  }
  if (stage === current && to === undefined) {
    throw invalid(
      `You can only move staging label ${current} to a different secret version. It can't be completely removed.`,
    );
  }
  return moveStage(versions, stage, to);
}
