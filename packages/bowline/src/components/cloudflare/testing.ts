/** What components ask of Cloudflare, in an app that lives there: no engine runs, and nothing is made. */
import { type Output, runtime } from "@pulumi/pulumi";
import { createApp, inApp } from "../../config/app.ts";
import type { BowlineError } from "../../error.ts";

export interface Asked {
  /** The inputs of resources, by the last part of their type. */
  readonly resources: Readonly<Record<string, Record<string, unknown>>>;
  readonly warnings: readonly string[];
  readonly problems: readonly BowlineError[];
}

const ZONES = [
  { id: "outer", name: "example.com" },
  { id: "inner", name: "shop.example.com" },
];

export async function askedOfCloudflare(
  root: string,
  run: (app: ReturnType<typeof createApp>["app"]) => Promise<void> | void,
): Promise<Asked> {
  const resources: Record<string, Record<string, unknown>> = {};
  const warnings: string[] = [];
  await runtime.setMocks({
    newResource({ type, id, name, inputs }) {
      const kind = type.split(":").at(-1) ?? "";
      resources[kind] = inputs;
      return { id: id || name, state: kind === "AccountToken" ? { ...inputs, value: "the value" } : inputs };
    },
    call: ({ token }) => (token.endsWith("getZones") ? { results: ZONES } : {}),
  });
  const { app, validated } = createApp({
    name: "shop",
    stage: "prod",
    home: "cloudflare",
    cloudflareAccount: "account",
    access: "least",
    python: "bowline",
    root,
    artifacts: `${root}/artifacts`,
    payloadKey: new Uint8Array(32),
    secrets: new Map(),
    purpose: "deploy",
    progress: () => {},
    warn: (message) => void warnings.push(message),
    found: () => {},
    typed: () => {},
    granted: () => {},
    built: () => {},
  });
  const problems = await inApp(app, async () => {
    await run(app);
    return validated();
  });
  await runtime.disconnect();
  return { resources, warnings, problems };
}

export const resolved = <T>(output: Output<T>): Promise<unknown> =>
  new Promise((resolve) => output.apply(resolve));
