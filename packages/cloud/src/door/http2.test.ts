import { once } from "node:events";
import { connect as connectHttp2, constants } from "node:http2";
import { connect } from "node:net";
import { KinesisClient, ListStreamsCommand } from "@aws-sdk/client-kinesis";
import { afterAll, expect, it } from "vitest";
import { startTestCloud } from "../testing.ts";

const test = await startTestCloud();
afterAll(() => test[Symbol.asyncDispose]());

/** What the door answers to bytes sent one by one, until it has said something. */
async function answerTo(text: string): Promise<string> {
  const socket = connect(test.cloud.port, "127.0.0.1");
  await once(socket, "connect");
  socket.setNoDelay(true);
  const answered = once(socket, "data") as Promise<[Buffer]>;
  for (const byte of text) await new Promise<void>((sent) => socket.write(byte, () => setImmediate(sent)));
  const [bytes] = await answered;
  socket.destroy();
  return bytes.toString("latin1");
}

it("an SDK that speaks HTTP/2 is answered, many requests at a time", async () => {
  const kinesis = test.client(KinesisClient);
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => kinesis.send(new ListStreamsCommand({}))),
  );
  expect(answers.every(({ StreamNames }) => StreamNames?.length === 0)).toBe(true);
  kinesis.destroy();
});

it("bytes that come one by one are told apart all the same", async () => {
  const head = "Host: 127.0.0.1\r\nContent-Length: 0\r\n\r\n";
  expect(await answerTo(`POST / HTTP/1.1\r\n${head}`)).toMatch(/^HTTP\/1\.1 4\d\d /);
  expect(await answerTo(`PRIVATE / HTTP/1.1\r\n${head}`)).toMatch(/^HTTP\/1\.1 400 /);
  const settings = await answerTo("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0");
  // The first thing a server says is what its settings are.
  expect(settings.charCodeAt(3)).toBe(4);
});

it("a denial over HTTP/2 is the one of HTTP/1.1", async () => {
  const session = connectHttp2(test.cloud.endpoint);
  const stream = session.request({ [constants.HTTP2_HEADER_PATH]: "/bucket/key" });
  const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
  let body = "";
  for await (const chunk of stream) body += chunk;
  expect(headers[":status"]).toBe(403);
  expect(body).toContain("<Code>AccessDenied</Code>");
  session.close();
});

it("the cloud stops while connections are open, of HTTP/2 and of nothing yet", async () => {
  await using other = await startTestCloud();
  const session = connectHttp2(other.cloud.endpoint);
  await once(session, "remoteSettings");
  const silent = connect(other.cloud.port, "127.0.0.1");
  await once(silent, "connect");
  const closed = [once(session, "close"), once(silent, "close")];
  silent.on("error", () => {});
  await other.cloud.stop();
  await Promise.all(closed);
});
