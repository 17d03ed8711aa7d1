/**
 * Runs a Node function: loads its handler and serves it from the Lambda Runtime API.
 *
 * It speaks HTTP over a bare socket because loading `node:http` would be a third of a cold start,
 * and because a handler may patch `node:http`. When the socket closes, the cloud is gone and so are we.
 */
import { existsSync } from "node:fs";
import { createRequire, registerHooks } from "node:module";
import { connect } from "node:net";
import { basename, delimiter, dirname, join, resolve } from "node:path";
import { Writable } from "node:stream";
import { pathToFileURL } from "node:url";
import { format } from "node:util";

const RUNTIME = "/2018-06-01/runtime";
const STREAMING = Symbol.for("aws.lambda.runtime.handler.streaming");
const HIGH_WATER_MARK = Symbol.for("aws.lambda.runtime.handler.streaming.highWaterMark");
const WITHOUT_CALLBACKS = /nodejs(2[4-9]|[3-9]\d)\.x$/;
const METADATA_TYPE = "application/vnd.awslambda.http-integration-response";

const api = openRuntimeApi(process.env.AWS_LAMBDA_RUNTIME_API ?? "");
/** The invocation in progress: what a crash has to be reported against. */
let current;

process.on("uncaughtException", (error) => die("Uncaught Exception", error, 129));
process.on("unhandledRejection", (reason, promise) => {
  const error = unhandledRejection(reason, promise);
  die("Unhandled Promise Rejection", error, 128);
});

async function serve(handle, invocation) {
  const { id } = invocation;
  try {
    process.env._X_AMZN_TRACE_ID = invocation.traceId;
    const event = JSON.parse(invocation.body.toString() || "null");
    if (handle[STREAMING] === "response") return await serveStream(handle, event, invocation);
    const result = await run(handle, event, contextOf(invocation));
    let body;
    try {
      body = JSON.stringify(result === undefined ? null : result);
    } catch {
      throw new Error("Unable to stringify response body");
    }
    await flushOutput();
    api.respond(id, body ?? "null");
  } catch (error) {
    log(id, "Invoke Error", error);
    await flushOutput();
    await api.post(`/invocation/${id}/error`, describe(error), {
      "Lambda-Runtime-Function-Error-Type": nameOf(error),
    });
  }
}

/** A handler answers by its return value, by a promise, or by the callback of Node 22 and older. */
function run(handle, event, context) {
  return new Promise((answer, fail) => {
    let settled = false;
    const settle = (error, value) => {
      if (settled) return;
      settled = true;
      process.removeListener("beforeExit", idle);
      api.hold();
      if (error === undefined || error === null) answer(value);
      else fail(error);
    };
    let pending;
    const idle = () => settle(pending?.error, pending?.value);
    const callback = (error, value) => {
      if (context.callbackWaitsForEmptyEventLoop) pending ??= { error, value };
      else settle(error, value);
    };
    context.done = callback;
    context.succeed = (value) => callback(null, value);
    context.fail = (error) => callback(error ?? "handled");
    // Without our socket holding it, the event loop ends when the handler has nothing left to wait for.
    process.once("beforeExit", idle);
    api.release();
    let returned;
    try {
      returned = handle(event, context, callback);
    } catch (error) {
      return settle(error ?? new Error("unknown error"));
    }
    if (typeof returned?.then !== "function") {
      // Up to Node 22 Lambda waits for the callback; what is returned counts from Node 24 on, where there is none.
      if (WITHOUT_CALLBACKS.test(process.env.AWS_EXECUTION_ENV ?? "")) settle(null, returned);
      return;
    }
    process.removeListener("beforeExit", idle);
    process.once("beforeExit", abandoned);
    returned
      .then(
        (value) => settle(null, value),
        (error) => settle(error ?? new Error("unknown error")),
      )
      .finally(() => process.removeListener("beforeExit", abandoned));
  });
}

/** An async handler whose promise nothing can settle any more: Lambda ends such a process. */
function abandoned() {
  process.exit(0);
}

async function serveStream(handle, event, invocation) {
  const response = new ResponseStream(invocation, handle[HIGH_WATER_MARK]);
  const context = contextOf(invocation);
  try {
    await handle(event, response, context);
    if (!response.writableEnded) response.end();
    await response.sent;
  } catch (error) {
    if (!response.started) throw error;
    log(invocation.id, "Invoke Error", error);
    response.abort(error);
    await response.sent.catch(() => {});
  }
}

function contextOf(invocation) {
  const { env } = process;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: invocation.clientContext,
    identity: invocation.identity,
    invokedFunctionArn: invocation.arn,
    awsRequestId: invocation.id,
    getRemainingTimeInMillis: () => Math.max(0, invocation.deadline - Date.now()),
  };
}

function installAwsLambdaGlobal() {
  const HttpResponseStream = {
    from(stream, prelude) {
      stream.setContentType(METADATA_TYPE);
      stream.write(Buffer.concat([Buffer.from(JSON.stringify(prelude ?? {})), Buffer.alloc(8)]));
      return stream;
    },
  };
  globalThis.awslambda = {
    streamifyResponse(handle, options) {
      handle[STREAMING] = "response";
      if (options?.highWaterMark) handle[HIGH_WATER_MARK] = Number(options.highWaterMark);
      return handle;
    },
    HttpResponseStream,
  };
}

async function loadHandler(root, path) {
  if (path.includes(".."))
    throw runtimeError(
      "MalformedHandlerName",
      `'${path}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    );
  const slash = path.lastIndexOf("/") + 1;
  const dot = path.indexOf(".", slash);
  if (dot <= slash) throw runtimeError("MalformedHandlerName", "Bad handler");
  const names = path.slice(dot + 1).split(".");
  const loaded = await loadModule(root, path.slice(0, dot));
  let found = lookup(loaded, names);
  if (found === undefined && loaded.default !== undefined) found = lookup(loaded.default, names);
  if (found === undefined) throw runtimeError("HandlerNotFound", `${path} is undefined or not exported`);
  if (typeof found !== "function") throw runtimeError("HandlerNotFound", `${path} is not a function`);
  if (WITHOUT_CALLBACKS.test(process.env.AWS_EXECUTION_ENV ?? "") && found.length >= 3 && !found[STREAMING]) {
    throw runtimeError(
      "CallbackHandlerDeprecated",
      "AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or later. For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.",
    );
  }
  return found;
}

/** Node itself honours NODE_PATH for `require` only; Lambda's SDK and layers are importable too. */
function searchNodePathForModules(path) {
  const folders = path.split(delimiter).filter((folder) => basename(folder) === "node_modules");
  registerHooks({
    resolve(specifier, context, next) {
      try {
        return next(specifier, context);
      } catch (error) {
        if (error?.code !== "ERR_MODULE_NOT_FOUND" || /^[./]|^\w+:/.test(specifier)) throw error;
        for (const folder of folders) {
          try {
            const parentURL = pathToFileURL(join(dirname(folder), "importer.js")).href;
            return next(specifier, { ...context, parentURL });
          } catch {}
        }
        throw error;
      }
    },
  });
}

function lookup(object, names) {
  return names.reduce(
    (value, name) => (value === undefined || value === null ? undefined : value[name]),
    object,
  );
}

async function loadModule(root, name) {
  const base = resolve(root, name);
  const file = [".js", ".mjs", ".cjs"].map((extension) => base + extension).find((path) => existsSync(path));
  try {
    if (file) return await import(pathToFileURL(file).href);
    // A folder with an index or a package: CommonJS resolution, as Lambda's own runtime does it.
    return createRequire(`${root}/`)(existsSync(base) ? base : name);
  } catch (error) {
    if (error instanceof SyntaxError) throw runtimeError("UserCodeSyntaxError", `${error}`, error.stack);
    if (error?.code === "MODULE_NOT_FOUND" || error?.code === "ERR_MODULE_NOT_FOUND") {
      throw runtimeError("ImportModuleError", `${error}`, error.stack);
    }
    throw error;
  }
}

function runtimeError(kind, message, stack) {
  const error = new Error(message);
  error.name = `Runtime.${kind}`;
  if (stack)
    error.stack = `${error.name}: ${message}\n${stack
      .split("\n")
      .filter((line) => /^\s+at /.test(line))
      .join("\n")}`;
  return error;
}

function unhandledRejection(reason, promise) {
  const error = new Error(reason instanceof Error ? `${reason}` : String(reason));
  error.name = "Runtime.UnhandledPromiseRejection";
  error.reason = reason instanceof Error ? fieldsOf(reason) : reason;
  error.promise = promise;
  error.stack = `${error.name}: ${error.message}\n${String(reason?.stack ?? "")
    .split("\n")
    .slice(1)
    .join("\n")}`;
  return error;
}

function nameOf(error) {
  return error instanceof Error ? error.name : typeof error;
}

/** The stack down to where this file called the handler. */
function stackOf(error) {
  const lines = String(error.stack ?? "").split("\n");
  const own = lines.findIndex((line) => line.includes(import.meta.url));
  return own > 0 ? lines.slice(0, own) : lines;
}

/** The body the Runtime API takes. */
function describe(error) {
  const value =
    error instanceof Error
      ? { errorType: error.name, errorMessage: error.message, trace: stackOf(error) }
      : { errorType: typeof error, errorMessage: String(error), trace: [] };
  return JSON.stringify(value);
}

function fieldsOf(error) {
  return { errorType: error.name, errorMessage: error.message, ...error, stack: stackOf(error) };
}

const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

/** With the log format JSON, what is logged through the console are records with a level, of which some are left out. */
function logAsJson() {
  const least = LEVELS.indexOf(process.env.AWS_LAMBDA_LOG_LEVEL ?? "INFO");
  const methods = { trace: "TRACE", debug: "DEBUG", log: "INFO", info: "INFO", warn: "WARN", error: "ERROR" };
  for (const [method, level] of Object.entries(methods)) {
    console[method] = (...values) => {
      if (LEVELS.indexOf(level) >= least) writeRecord(level, current?.id, contentOf(values));
    };
  }
}

function writeRecord(level, requestId, content) {
  const record = { timestamp: new Date().toISOString(), level, requestId, ...content };
  let text;
  try {
    text = JSON.stringify(record);
  } catch {
    text = JSON.stringify({ ...record, ...content, message: format(content.message) });
  }
  process.stdout.write(`${text}\n`);
}

/** One value is the message itself; several are put together as the console would. */
function contentOf(values) {
  const error = values.find((value) => value instanceof Error);
  const message = values.length === 1 && !error ? values[0] : format(...values);
  if (!error) return { message };
  return {
    message,
    errorType: error.name,
    errorMessage: error.message,
    stackTrace: stackOf(error),
  };
}

/** What Lambda's runtime prints to the log for a failure. */
function log(id, label, error) {
  if (process.env.AWS_LAMBDA_LOG_FORMAT === "JSON") {
    const { errorType, errorMessage, trace } = JSON.parse(describe(error));
    return writeRecord("ERROR", id, { message: { errorType, errorMessage, stackTrace: trace } });
  }
  let text;
  try {
    text = JSON.stringify(
      error instanceof Error
        ? fieldsOf(error)
        : { errorType: typeof error, errorMessage: String(error), stack: [] },
    );
  } catch {
    text = describe(error);
  }
  process.stderr.write(`${new Date().toISOString()}\t${id ?? "undefined"}\tERROR\t${label} \t${text}\n`);
}

/** Standard output is a pipe the cloud may be slow to empty: lines must precede the answer they belong to. */
async function flushOutput() {
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.writableLength > 0) await new Promise((done) => stream.write("", done));
  }
}

function die(label, error, code) {
  log(current?.id, label, error);
  const path = current ? `/invocation/${current.id}/error` : "/init/error";
  flushOutput()
    .then(() => api.post(path, describe(error), { "Lambda-Runtime-Function-Error-Type": nameOf(error) }))
    .finally(() => process.exit(code));
}

/** One keep-alive connection; requests never overlap except for a streamed body, which has its own framing. */
function openRuntimeApi(address) {
  const colon = address.lastIndexOf(":");
  const socket = connect(Number(address.slice(colon + 1)), address.slice(0, colon));
  socket.setNoDelay(true);
  let received = Buffer.alloc(0);
  const waiting = [];
  socket.on("data", (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    for (;;) {
      const answer = takeResponse();
      if (!answer) return;
      waiting.shift()?.(answer);
    }
  });
  socket.on("error", () => process.exit(1));
  socket.on("close", () => process.exit(1));

  function takeResponse() {
    const end = received.indexOf("\r\n\r\n");
    if (end < 0) return undefined;
    const lines = received.latin1Slice(0, end).split("\r\n");
    const headers = {};
    for (const line of lines.slice(1)) {
      const split = line.indexOf(":");
      headers[line.slice(0, split).toLowerCase()] = line.slice(split + 1).trim();
    }
    const length = Number(headers["content-length"] ?? 0);
    if (received.length < end + 4 + length) return undefined;
    const body = received.subarray(end + 4, end + 4 + length);
    received = received.subarray(end + 4 + length);
    return { status: Number(lines[0].split(" ")[1]), headers, body };
  }

  const answer = () => new Promise((resolve) => waiting.push(resolve));
  const head = (method, path, headers) =>
    `${method} ${RUNTIME}${path} HTTP/1.1\r\nHost: ${address}\r\n${Object.entries(headers)
      .map(([name, value]) => `${name}: ${String(value).replace(/[^\x20-\x7e]/g, "?")}\r\n`)
      .join("")}\r\n`;

  return {
    socket,
    head,
    answer,
    hold: () => socket.ref(),
    release: () => socket.unref(),
    /** Answers and goes on at once: the request for the next invocation travels in the same packet. */
    respond(id, text) {
      socket.cork();
      process.nextTick(() => socket.uncork());
      this.post(`/invocation/${id}/response`, text);
    },
    post(path, text, headers = {}) {
      const body = Buffer.from(text);
      socket.ref();
      socket.cork();
      socket.write(
        head("POST", path, { "Content-Type": "application/json", "Content-Length": body.length, ...headers }),
      );
      socket.write(body);
      socket.uncork();
      return answer();
    },
    async next() {
      socket.ref();
      socket.write(head("GET", "/invocation/next", {}));
      const { headers, body } = await answer();
      return {
        id: headers["lambda-runtime-aws-request-id"],
        deadline: Number(headers["lambda-runtime-deadline-ms"]),
        arn: headers["lambda-runtime-invoked-function-arn"],
        traceId: headers["lambda-runtime-trace-id"],
        clientContext: parseHeader(headers["lambda-runtime-client-context"]),
        identity: parseHeader(headers["lambda-runtime-cognito-identity"]),
        body,
      };
    },
  };
}

function parseHeader(value) {
  return value ? JSON.parse(value) : undefined;
}

/** What a streaming handler writes to: the chunked body of one POST. */
class ResponseStream extends Writable {
  #invocation;
  #contentType;
  #sent = Promise.withResolvers();
  started = false;

  constructor(invocation, highWaterMark) {
    super(highWaterMark ? { highWaterMark } : {});
    this.#invocation = invocation;
  }

  /** Fulfilled when the cloud has the whole response. */
  get sent() {
    return this.#sent.promise;
  }

  setContentType(type) {
    this.#contentType = type;
  }

  #start() {
    if (this.started) return;
    this.started = true;
    api.socket.write(
      api.head("POST", `/invocation/${this.#invocation.id}/response`, {
        "Content-Type": this.#contentType ?? "application/octet-stream",
        "Lambda-Runtime-Function-Response-Mode": "streaming",
        "Transfer-Encoding": "chunked",
        Trailer: "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body",
      }),
    );
    api.answer().then(() => this.#sent.resolve());
  }

  write(chunk, encoding, callback) {
    const value = typeof chunk === "string" || chunk instanceof Uint8Array ? chunk : JSON.stringify(chunk);
    return super.write(value, encoding, callback);
  }

  _write(chunk, _encoding, callback) {
    this.#start();
    if (chunk.length === 0) return callback();
    api.socket.cork();
    api.socket.write(`${chunk.length.toString(16)}\r\n`);
    api.socket.write(chunk);
    api.socket.write("\r\n", callback);
    api.socket.uncork();
  }

  _final(callback) {
    this.#start();
    flushOutput().then(() => api.socket.write("0\r\n\r\n", callback));
  }

  /** Ends a response whose status is already sent, naming the error in the trailers. */
  abort(error) {
    const body = Buffer.from(describe(error)).toString("base64");
    api.socket.write(
      `0\r\nLambda-Runtime-Function-Error-Type: ${nameOf(error)}\r\nLambda-Runtime-Function-Error-Body: ${body}\r\n\r\n`,
    );
    this.destroy();
  }
}

installAwsLambdaGlobal();
if (process.env.AWS_LAMBDA_LOG_FORMAT === "JSON") logAsJson();
if (process.env.NODE_PATH && registerHooks) searchNodePathForModules(process.env.NODE_PATH);
let handler;
try {
  handler = await loadHandler(process.env.LAMBDA_TASK_ROOT ?? process.cwd(), process.env._HANDLER ?? "");
} catch (error) {
  log(undefined, "Uncaught Exception", error);
  await flushOutput();
  await api.post("/init/error", describe(error), { "Lambda-Runtime-Function-Error-Type": nameOf(error) });
  process.exit(1);
}
for (;;) {
  const invocation = await api.next();
  current = invocation;
  await serve(handler, invocation);
  current = undefined;
}
