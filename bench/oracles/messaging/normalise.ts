/** Takes out of answers what differs by nature: ids, times, ports, signatures. */

export interface Outcome {
  readonly operation: string;
  readonly answer?: unknown;
  readonly error?: string;
  readonly status?: number;
}

const own = new Set([
  "$metadata",
  "ReceiptHandle",
  "Signature",
  "SigningCertURL",
  "UnsubscribeURL",
  "Timestamp",
]);

/** Attributes that are times, or that moto lacks or fills in where AWS leaves them out. */
const loose = new Set([
  "ApproximateFirstReceiveTimestamp",
  "CreatedTimestamp",
  "DeliveryPolicy",
  "EffectiveDeliveryPolicy",
  "FifoThroughputScope",
  "LastModifiedTimestamp",
  "Policy",
  "SenderId",
  "SentTimestamp",
  "SequenceNumber",
  "SignatureVersion",
  "SubscriptionPrincipal",
]);

export function normalise(value: unknown): unknown {
  if (typeof value === "string") return normaliseText(value);
  if (Array.isArray(value)) return value.map(normalise);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  const entries = Object.entries(value)
    .filter(([name, member]) => !own.has(name) && !loose.has(name) && member !== undefined)
    .map(([name, member]) => [name, normalise(member)] as const)
    // An empty list and none at all read the same to a program.
    .filter(([, member]) => !(Array.isArray(member) && member.length === 0))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const plain = Object.fromEntries(entries);
  // The digest of an envelope changes with the ids in it.
  if (typeof plain.Body === "object") delete plain.MD5OfBody;
  return plain;
}

function normaliseText(text: string): unknown {
  if (text.startsWith("{")) {
    try {
      return normalise(JSON.parse(text));
    } catch {
      return text;
    }
  }
  return text
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "ID")
    .replace(/http:\/\/[^/]+/, "HOST");
}
