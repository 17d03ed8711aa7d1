/** Permission changes in words, from what each consumer was granted before and is granted now. */

/** One permission of a consumer, by the link it comes from. */
export interface Granted {
  /** The link's name, or `permissions` for what the consumer lists itself. */
  readonly link: string;
  /** For example `link("read")`. */
  readonly origin: string;
  readonly effect: "Allow" | "Deny";
  readonly actions: readonly string[];
}

export interface ConsumerGrants {
  readonly consumer: string;
  readonly grants: readonly Granted[];
  /** Whether there is more that only a deployment will show. */
  readonly partial?: boolean;
}

export interface PermissionChange {
  readonly consumer: string;
  readonly change: "gains" | "loses";
  readonly effect: "Allow" | "Deny";
  readonly link: string;
  readonly origin: string;
  readonly actions: readonly string[];
  /** `Api gains s3:PutObject on Uploads (link("write"))` */
  readonly words: string;
}

/** What changes for consumers that stay or come; those that go lose everything, which goes without saying. */
export function permissionChanges(
  before: readonly ConsumerGrants[],
  after: readonly ConsumerGrants[],
): PermissionChange[] {
  return after
    .toSorted((a, b) => (a.consumer < b.consumer ? -1 : 1))
    .flatMap(({ consumer, grants, partial }) => {
      const old = before.find((candidate) => candidate.consumer === consumer)?.grants ?? [];
      const gains = changed(consumer, "gains", old, grants);
      // What is not seen is not lost.
      return partial ? gains : [...gains, ...changed(consumer, "loses", grants, old)];
    });
}

function changed(
  consumer: string,
  change: "gains" | "loses",
  from: readonly Granted[],
  to: readonly Granted[],
): PermissionChange[] {
  const known = new Set(from.flatMap(keys));
  const groups = new Map<string, { granted: Granted; actions: Set<string> }>();
  for (const granted of to) {
    const fresh = granted.actions.filter((action) => !known.has(key(granted, action)));
    if (fresh.length === 0) continue;
    const group = groups.get(`${granted.link} ${granted.effect}`) ?? { granted, actions: new Set() };
    for (const action of fresh) group.actions.add(action);
    groups.set(`${granted.link} ${granted.effect}`, group);
  }
  return [...groups.values()].map(({ granted: { link, origin, effect }, actions }) => {
    const sorted = [...actions].sort();
    const what = `${effect === "Deny" ? "a denial of " : ""}${sorted.join(", ")}`;
    const where = link === OWN ? "by its permissions" : `on ${link} (${origin})`;
    return {
      consumer,
      change,
      effect,
      link,
      origin,
      actions: sorted,
      words: `${consumer} ${change} ${what} ${where}`,
    };
  });
}

/** The name under which a consumer's own `permissions` go. */
export const OWN = "permissions";

function keys(granted: Granted): string[] {
  return granted.actions.map((action) => key(granted, action));
}

function key({ link, effect }: Granted, action: string): string {
  return `${link} ${effect} ${action.toLowerCase()}`;
}
