/** Receipt handles: which message, of which queue, handed out how often. */
import { invalidReceipt } from "./errors.ts";
import type { StoredMessage } from "./model.ts";

export interface Receipt {
  readonly queue: number;
  readonly message: number;
  readonly receives: number;
  readonly messageId: string;
}

export function receiptHandle(message: StoredMessage): string {
  return Buffer.from(`${message.queue}.${message.id}.${message.receives}.${message.message_id}`).toString(
    "base64",
  );
}

const pattern = /^(\d{1,15})\.(\d{1,16})\.(\d{1,9})\.([0-9a-f-]{36})$/;

export function parseReceipt(handle: string): Receipt {
  const match = pattern.exec(Buffer.from(handle, "base64").toString("latin1"));
  if (!match) throw invalidReceipt();
  return {
    queue: Number(match[1]),
    message: Number(match[2]),
    receives: Number(match[3]),
    messageId: match[4] ?? "",
  };
}
