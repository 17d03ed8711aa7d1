/** An HTML form as browsers send it: its fields, then its file as a stream. */
import { Readable } from "node:stream";
import { AwsError } from "../error.ts";
import { invalidArgument } from "./errors.ts";

export interface Form {
  /** By lower-case name. */
  readonly fields: ReadonlyMap<string, string>;
  readonly fileName: string;
  readonly file: Readable;
}

const maxFieldBytes = 20 * 1024;
const maxHeaderBytes = 8 * 1024;

const malformed = () =>
  new AwsError(
    "MalformedPOSTRequest",
    "The body of your POST request is not well-formed multipart/form-data.",
  );

export function boundaryOf(contentType: string | undefined): string {
  const match = /^multipart\/form-data\s*;.*?boundary=(?:"([^"]{1,70})"|([^\s;]{1,70}))/i.exec(
    contentType ?? "",
  );
  const boundary = match?.[1] ?? match?.[2];
  if (boundary !== undefined) return boundary;
  throw new AwsError(
    "PreconditionFailed",
    "Bucket POST must be of the enclosure-type multipart/form-data",
    412,
  );
}

/** Reads ahead in a stream up to marks. */
function reader(source: Readable) {
  const chunks = (source as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  const more = async () => {
    const { done, value } = await chunks.next();
    if (done) return false;
    held = held.length === 0 ? value : Buffer.concat([held, value]);
    return true;
  };
  return {
    /** Everything before the mark, which is passed over. */
    async upTo(mark: Buffer, limit: number): Promise<Buffer> {
      for (;;) {
        const index = held.indexOf(mark);
        if (index >= 0 && index <= limit) {
          const before = held.subarray(0, index);
          held = held.subarray(index + mark.length);
          return before;
        }
        if (held.length > limit) {
          throw new AwsError(
            "MaxPostPreDataLengthExceeded",
            "Your POST request fields preceding the upload file were too large.",
          );
        }
        if (!(await more())) throw malformed();
      }
    },
    /** The same in pieces, of any length. */
    async *streamTo(mark: Buffer): AsyncGenerator<Buffer> {
      for (;;) {
        const index = held.indexOf(mark);
        if (index >= 0) {
          if (index > 0) yield held.subarray(0, index);
          held = held.subarray(index + mark.length);
          // What follows the file is read and ignored.
          while (await more()) held = Buffer.alloc(0);
          return;
        }
        const safe = held.length - mark.length + 1;
        if (safe > 0) {
          const piece = held.subarray(0, safe);
          held = held.subarray(safe);
          yield piece;
        }
        if (!(await more())) throw malformed();
      }
    },
  };
}

export async function readForm(source: Readable, boundary: string): Promise<Form> {
  const input = reader(source);
  const fields = new Map<string, string>();
  const separator = Buffer.from(`\r\n--${boundary}`);
  await input.upTo(Buffer.from(`--${boundary}`), maxHeaderBytes);
  let size = 0;
  for (;;) {
    const rest = await input.upTo(Buffer.from("\r\n"), maxHeaderBytes);
    if (rest.toString().trimEnd() === "--") break;
    const head = (await input.upTo(Buffer.from("\r\n\r\n"), maxHeaderBytes)).toString("utf8");
    const name = parameterOf(head, "name")?.toLowerCase();
    if (name === undefined) throw malformed();
    if (name === "file") {
      const contentType = /^content-type:\s*(.+)$/im.exec(head)?.[1]?.trim();
      if (contentType !== undefined && !fields.has("content-type")) fields.set(":file-type", contentType);
      return {
        fields,
        fileName: (parameterOf(head, "filename") ?? "").replace(/^.*[\\/]/, ""),
        file: Readable.from(input.streamTo(separator), { objectMode: false }),
      };
    }
    const value = await input.upTo(separator, maxFieldBytes);
    size += value.length;
    if (size > maxFieldBytes) {
      throw new AwsError(
        "MaxPostPreDataLengthExceeded",
        "Your POST request fields preceding the upload file were too large.",
      );
    }
    fields.set(name, value.toString("utf8"));
  }
  throw invalidArgument("POST requires exactly one file upload per request.", "file", "0");
}

function parameterOf(head: string, name: string): string | undefined {
  const disposition = /^content-disposition:(.*)$/im.exec(head)?.[1] ?? "";
  const match = new RegExp(`;\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s]*))`, "i").exec(disposition);
  return match?.[1]?.replace(/\\(.)/g, "$1").replace(/%22/g, '"') ?? match?.[2];
}
