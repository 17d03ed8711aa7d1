import type { Aws } from "../aws.ts";

type Query = Readonly<Record<string, string | undefined>>;

export function apiGateway(aws: Aws) {
  return {
    call: <Output = unknown>(method: string, path: string, body?: object, query?: Query): Promise<Output> =>
      aws.client.restJson<Output>("apigateway", method, path, body, query),
  };
}

/** Reads a list page by page until something fits. */
export async function findBy<Item>(
  aws: Aws,
  path: string,
  fits: (item: Item) => boolean,
): Promise<Item | undefined> {
  let nextToken: string | undefined;
  do {
    const page = await aws.client.restJson<{ items?: readonly Item[]; nextToken?: string }>(
      "apigateway",
      "GET",
      path,
      undefined,
      {
        nextToken,
      },
    );
    const found = (page.items ?? []).find(fits);
    if (found) return found;
    nextToken = page.nextToken || undefined;
  } while (nextToken);
  return undefined;
}
