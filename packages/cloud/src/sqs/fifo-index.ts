/**
 * Which messages of a FIFO queue may be received now: the first ones of every message group that has none in flight.
 * Held in memory and rebuilt from the table on start.
 */
import type { Placement } from "./message-store.ts";

interface Waiting {
  readonly id: number;
  /** Later than now while the message is delayed. */
  readonly visibleAt: number;
}

interface Group {
  /** In order of arrival. */
  waiting: Waiting[];
  readonly inFlight: Map<number, number>;
}

export type FifoIndex = ReturnType<typeof fifoIndex>;

export function fifoIndex(placements: readonly Placement[], now: number) {
  const groups = new Map<string, Group>();
  /** Groups that may have something to give, in the order in which they became so. */
  const ready = new Set<string>();
  /** No blocked group can change by itself before this time. */
  let nextRelease = Number.POSITIVE_INFINITY;

  function groupOf(name: string): Group {
    let group = groups.get(name);
    if (!group) {
      group = { waiting: [], inFlight: new Map() };
      groups.set(name, group);
    }
    return group;
  }

  function settle(name: string, group: Group, at: number): void {
    for (const [id, visibleAt] of group.inFlight) {
      if (visibleAt > at) continue;
      group.inFlight.delete(id);
      group.waiting.push({ id, visibleAt });
      group.waiting.sort((a, b) => a.id - b.id);
    }
    const head = group.waiting[0];
    if (!head && group.inFlight.size === 0) {
      groups.delete(name);
      ready.delete(name);
    } else if (group.inFlight.size > 0 || !head || head.visibleAt > at) {
      ready.delete(name);
      for (const visibleAt of group.inFlight.values()) nextRelease = Math.min(nextRelease, visibleAt);
      if (group.inFlight.size === 0 && head) nextRelease = Math.min(nextRelease, head.visibleAt);
    } else {
      ready.add(name);
    }
  }

  function release(at: number): void {
    if (at < nextRelease) return;
    nextRelease = Number.POSITIVE_INFINITY;
    for (const [name, group] of groups) if (!ready.has(name)) settle(name, group, at);
  }

  for (const { id, message_group, visible_at, receives } of placements) {
    const group = groupOf(message_group ?? "");
    if (receives > 0 && visible_at > now) group.inFlight.set(id, visible_at);
    else group.waiting.push({ id, visibleAt: visible_at });
  }
  for (const [name, group] of groups) settle(name, group, now);

  return {
    add(name: string, id: number, visibleAt: number, at: number): void {
      const group = groupOf(name);
      group.waiting.push({ id, visibleAt });
      if (!ready.has(name)) settle(name, group, at);
    },
    /** The messages to hand out next, groups in turn; they stay where they are until `received` or `remove`. */
    candidates(at: number, limit: number): number[] {
      release(at);
      const ids: number[] = [];
      for (const name of ready) {
        for (const { id, visibleAt } of groups.get(name)?.waiting ?? []) {
          if (visibleAt > at) break;
          ids.push(id);
          if (ids.length >= limit) return ids;
        }
      }
      return ids;
    },
    received(name: string, id: number, visibleAt: number): void {
      const group = groupOf(name);
      // Nearly always the first one: messages are handed out in order.
      if (group.waiting[0]?.id === id) group.waiting.shift();
      else group.waiting = group.waiting.filter((message) => message.id !== id);
      group.inFlight.set(id, visibleAt);
      ready.delete(name);
      nextRelease = Math.min(nextRelease, visibleAt);
    },
    reschedule(name: string, id: number, visibleAt: number, at: number): void {
      const group = groups.get(name);
      if (!group?.inFlight.has(id)) return;
      group.inFlight.set(id, visibleAt);
      settle(name, group, at);
    },
    remove(name: string, id: number, at: number): void {
      const group = groups.get(name);
      if (!group) return;
      if (!group.inFlight.delete(id)) group.waiting = group.waiting.filter((message) => message.id !== id);
      settle(name, group, at);
    },
    clear(): void {
      groups.clear();
      ready.clear();
    },
  };
}
