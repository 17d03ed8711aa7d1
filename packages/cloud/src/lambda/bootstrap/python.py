"""Runs a Python function: loads its handler and serves it from the Lambda Runtime API.

It speaks HTTP over a bare socket because importing http.client (and email with it) would double a cold start.
When the connection ends the cloud is gone, and so is this process.
"""

import json
import os
import sys
import time

import _socket

RUNTIME = "/2018-06-01/runtime"


class RuntimeApi:
    """One keep-alive connection; requests never overlap."""

    def __init__(self, address):
        host, _, port = address.rpartition(":")
        self.address = address
        self.socket = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
        self.socket.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
        self.socket.connect((host, int(port)))
        self.received = b""

    def request(self, method, path, body=b"", headers=None):
        self.socket.sendall(self._message(method, path, body, headers))
        return self._response()

    def respond_and_next(self, request_id, body):
        """Answers and asks for the next invocation in one packet."""
        answer = self._message("POST", f"/invocation/{request_id}/response", body)
        self.socket.sendall(answer + self._message("GET", "/invocation/next"))
        self._response()
        return self._response()

    def _message(self, method, path, body=b"", headers=None):
        lines = [f"{method} {RUNTIME}{path} HTTP/1.1", f"Host: {self.address}"]
        if method == "POST":
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        return "\r\n".join(lines + ["", ""]).encode("latin-1", "replace") + body

    def _response(self):
        while (end := self.received.find(b"\r\n\r\n")) < 0:
            self._receive()
        headers = {}
        for line in self.received[:end].decode("latin-1").split("\r\n")[1:]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        size = end + 4 + int(headers.get("content-length", 0))
        chunks, have = [self.received], len(self.received)
        while have < size:
            chunk = self._read()
            chunks.append(chunk)
            have += len(chunk)
        whole = b"".join(chunks)
        self.received = whole[size:]
        return headers, whole[end + 4 : size]

    def _receive(self):
        self.received += self._read()

    def _read(self):
        try:
            chunk = self.socket.recv(262144)
        except OSError:
            chunk = b""
        if not chunk:
            os._exit(1)
        return chunk


class Identity:
    def __init__(self, value):
        self.cognito_identity_id = value.get("cognitoIdentityId")
        self.cognito_identity_pool_id = value.get("cognitoIdentityPoolId")


class Client:
    def __init__(self, value):
        for name in ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name"):
            setattr(self, name, value.get(name))


class ClientContext:
    def __init__(self, value):
        self.client = Client(value["client"]) if value.get("client") else None
        self.custom = value.get("custom")
        self.env = value.get("env")


class LambdaContext:
    def __init__(self, headers):
        env = os.environ
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.invoked_function_arn = headers["lambda-runtime-invoked-function-arn"]
        self.function_name = env.get("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = env.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = env.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.log_group_name = env.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = env.get("AWS_LAMBDA_LOG_STREAM_NAME")
        client = headers.get("lambda-runtime-client-context")
        self.client_context = ClientContext(json.loads(client)) if client else None
        self.identity = Identity(json.loads(headers.get("lambda-runtime-cognito-identity") or "{}"))
        self.tenant_id = None
        self._deadline = int(headers["lambda-runtime-deadline-ms"])

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline - int(time.time() * 1000))

    def log(self, message):
        sys.stdout.write(str(message))


class RuntimeFault(Exception):
    """A failure that Lambda names itself instead of taking the exception's own type."""

    def __init__(self, kind, message, stack=()):
        super().__init__(message)
        self.kind = f"Runtime.{kind}"
        self.stack = list(stack)


def load_handler(path):
    try:
        module_name, name = path.rsplit(".", 1)
    except ValueError as error:
        raise RuntimeFault("MalformedHandlerName", f"Bad handler '{path}': {error}") from error
    import importlib

    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise RuntimeFault("ImportModuleError", f"Unable to import module '{module_name}': {error}") from error
    except SyntaxError as error:
        where = f'  File "{error.filename}" Line {error.lineno}\n    {(error.text or "").rstrip()}'
        message = f"Syntax error in module '{module_name}': {error}"
        raise RuntimeFault("UserCodeSyntaxError", message, [where]) from error
    try:
        return getattr(module, name)
    except AttributeError as error:
        raise RuntimeFault("HandlerNotFound", f"Handler '{name}' missing on module '{module_name}'") from error


def describe(error, request_id):
    """The error as Lambda's Python runtime shapes it, its own frames left out."""
    if isinstance(error, RuntimeFault):
        kind, message, stack = error.kind, str(error), error.stack
    else:
        import traceback

        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
        kind, message, stack = type(error).__name__, str(error), traceback.format_list(frames)
    return {"errorMessage": message, "errorType": kind, "requestId": request_id, "stackTrace": stack}


def report(path, error, request_id):
    value = describe(error, request_id)
    if as_json():
        record = {"timestamp": timestamp(time.time()), "log_level": "ERROR", **value}
        sys.stdout.flush()
        sys.stderr.write(json.dumps(record) + "\n")
        sys.stderr.flush()
        return post_error(path, value)
    lines = [f"[ERROR] {value['errorType']}: {value['errorMessage']}"]
    if value["stackTrace"]:
        lines += ["Traceback (most recent call last):"] + [frame.rstrip("\n") for frame in value["stackTrace"]]
    sys.stdout.flush()
    sys.stderr.write("\n".join(lines) + "\n")
    sys.stderr.flush()
    post_error(path, value)


def post_error(path, value):
    api.request(
        "POST", path, json.dumps(value).encode(), {"Lambda-Runtime-Function-Error-Type": value["errorType"]}
    )


def as_json():
    return os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON"


def timestamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def dumps(value):
    def fallback(item):
        import decimal

        if isinstance(item, decimal.Decimal):
            number = float(item)
            return int(item) if number.is_integer() else number
        raise TypeError(f"Object of type {item.__class__.__name__} is not JSON serializable")

    try:
        return json.dumps(value, default=fallback, ensure_ascii=False).encode("utf-8", "surrogatepass")
    except Exception as error:
        raise RuntimeFault("MarshalError", f"Unable to marshal response: {error}") from error


class LoggingSetup:
    """Gives the root logger Lambda's handler when, and only when, the function imports logging."""

    def find_spec(self, name, path=None, target=None):
        if name != "logging":
            return None
        sys.meta_path.remove(self)
        import importlib.util

        spec = importlib.util.find_spec(name)
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            install_log_handler(module)

        spec.loader.exec_module = exec_module
        return spec


def install_log_handler(logging):
    class LambdaLogHandler(logging.Handler):
        def emit(self, record):
            sys.stdout.write(self.format(record) + "\n")

    def add_request_id(record):
        record.aws_request_id = current_request
        return True

    class JsonFormatter(logging.Formatter):
        def format(self, record):
            value = {
                "timestamp": timestamp(record.created),
                "level": record.levelname,
                "message": record.getMessage(),
                "logger": record.name,
                "requestId": record.aws_request_id,
            }
            if record.exc_info:
                kind, error, _ = record.exc_info
                value["errorType"] = kind.__name__
                value["errorMessage"] = str(error)
                value["stackTrace"] = self.formatException(record.exc_info).splitlines()
            return json.dumps(value, default=str)

    handler = LambdaLogHandler()
    if as_json():
        level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "INFO")
        logging.getLogger().setLevel({"TRACE": "NOTSET", "FATAL": "CRITICAL"}.get(level, level))
    formatter = JsonFormatter() if as_json() else logging.Formatter(
        "[%(levelname)s]\t%(asctime)s.%(msecs)dZ\t%(aws_request_id)s\t%(message)s", "%Y-%m-%dT%H:%M:%S"
    )
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    handler.addFilter(add_request_id)
    logging.getLogger().addHandler(handler)


def main():
    global current_request
    sys.path.insert(0, os.environ.get("LAMBDA_TASK_ROOT", os.getcwd()))
    sys.meta_path.insert(0, LoggingSetup())
    try:
        handler = load_handler(os.environ.get("_HANDLER", ""))
    except BaseException as error:
        report("/init/error", error, "")
        sys.exit(1)
    headers, body = api.request("GET", "/invocation/next")
    while True:
        current_request = headers["lambda-runtime-aws-request-id"]
        os.environ["_X_AMZN_TRACE_ID"] = headers.get("lambda-runtime-trace-id", "")
        try:
            answer = dumps(handler(json.loads(body or b"null"), LambdaContext(headers)))
            sys.stdout.flush()
            sys.stderr.flush()
        except Exception as error:
            report(f"/invocation/{current_request}/error", error, current_request)
            headers, body = api.request("GET", "/invocation/next")
        else:
            headers, body = api.respond_and_next(current_request, answer)


current_request = ""
# The script's own folder is no place for a function to import from.
sys.path.pop(0)
api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
main()
