/** Cloudflare's own API, as far as it is asked before anything is deployed. */

export interface CloudflareAnswer {
  readonly status: number;
  readonly ok: boolean;
  readonly result: unknown;
  readonly errors: readonly { readonly code: number; readonly message: string }[];
  /** True when there are more of what was listed than this. */
  readonly more: boolean;
}

/** Where it is; the variable is the one that Cloudflare's SDKs and its Pulumi provider read as well. */
function base(env: Readonly<Record<string, string | undefined>>): string {
  return (env.CLOUDFLARE_BASE_URL || "https://api.cloudflare.com/client/v4").replace(/\/$/, "");
}

/** Rejects when there is no answer at all. */
export async function askCloudflare(
  path: string,
  token: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<CloudflareAnswer> {
  const answer = await fetch(base(env) + path, { headers: { authorization: `Bearer ${token}` } });
  const body = Object(await answer.json().catch(() => undefined)) as {
    result?: unknown;
    errors?: CloudflareAnswer["errors"];
    result_info?: { total_pages?: number };
  };
  return {
    status: answer.status,
    ok: answer.ok,
    result: body.result,
    errors: body.errors ?? [],
    more: (body.result_info?.total_pages ?? 1) > 1,
  };
}
