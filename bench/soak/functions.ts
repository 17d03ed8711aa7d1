/** The functions under load: they tell the observer what they were given, and do what it orders. */
import {
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  type LambdaClient,
  PutFunctionConcurrencyCommand,
} from "@aws-sdk/client-lambda";
import { strToU8, zipSync } from "fflate";

const NODE = `import { request } from "node:http";

function tell(event, name) {
  return new Promise((resolve, reject) => {
    const sent = request(process.env.OBSERVER + "/" + name, { method: "POST" }, (response) => {
      let text = "";
      response.on("data", (chunk) => { text += chunk; });
      response.on("end", () => resolve(JSON.parse(text)));
    });
    sent.on("error", reject);
    sent.end(JSON.stringify(event));
  });
}

export const handler = async (event, context) => {
  const order = event.order ?? (await tell(event, context.functionName));
  if (order.do === "throw") throw new RangeError("told to throw");
  if (order.do === "exit") process.exit(3);
  if (order.do === "kill") process.kill(process.pid, "SIGKILL");
  if (order.do !== "answer") await new Promise(() => setInterval(() => {}, 1000));
  return order.answer;
};
`;

const PYTHON = `import json, os, signal, time, urllib.request

def tell(event, name):
    data = json.dumps(event).encode()
    with urllib.request.urlopen(os.environ["OBSERVER"] + "/" + name, data, timeout=30) as response:
        return json.load(response)

def handler(event, context):
    order = event.get("order") or tell(event, context.function_name)
    if order["do"] == "throw":
        raise ValueError("told to throw")
    if order["do"] == "exit":
        os._exit(3)
    if order["do"] == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if order["do"] != "answer":
        time.sleep(60)
    return order.get("answer")
`;

const ZIP = zipSync({ "index.mjs": strToU8(NODE), "app.py": strToU8(PYTHON) });

/** Environments of a function at a time: after a kill all of them start anew, and others use this machine too. */
const CONCURRENCY = 3;

export type Language = "node" | "python";

export async function createFunction(
  lambda: LambdaClient,
  observer: string,
  role: string,
  FunctionName: string,
  language: Language,
  more: Partial<CreateFunctionCommandInput> = {},
): Promise<string> {
  const { FunctionArn = "" } = await lambda.send(
    new CreateFunctionCommand({
      FunctionName,
      Runtime: language === "node" ? "nodejs22.x" : "python3.12",
      Handler: language === "node" ? "index.handler" : "app.handler",
      Role: role,
      Timeout: 60,
      MemorySize: 256,
      Environment: { Variables: { OBSERVER: observer } },
      Code: { ZipFile: ZIP },
      ...more,
    }),
  );
  await lambda.send(
    new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: CONCURRENCY }),
  );
  return FunctionArn;
}
