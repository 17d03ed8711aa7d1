import { all, type ComponentResourceOptions, type Input, type Output, output, secret } from "@pulumi/pulumi";
import type { App } from "../../config/app.ts";
import type { Link } from "../../link/link.ts";
import { collectLinks, type LinkItem } from "../../link/linkable.ts";
import { r2SecretKey } from "../../providers/cloudflare/r2-secret-key.ts";
import { workersClient } from "../../workers/access.ts";
import { R2_S3 } from "../../workers/r2-s3/options.ts";
import { declaredLinks } from "../late-links.ts";
import { accountId, physicalName } from "./account.ts";
import { requireMiniflare } from "./miniflare.ts";
import { sdk } from "./sdk.ts";

/** Reading and writing objects: Cloudflare's groups of permissions have the same ids in every account. */
const OBJECTS = [{ id: "6a018a9f2fc74eb6b293b0c548f38b39" }, { id: "2efd5506f9c8494dacb1fa10a3e7d5b6" }];

/**
 * The links of a function of AWS, which has no bindings. Where there are buckets in R2 among them it gets a token that is
 * for just their objects; those links have what an S3 client takes: `endpoint`, `accessKeyId`, `secretAccessKey`.
 */
export function withR2Access(
  app: App,
  name: string,
  items: readonly LinkItem[] | undefined,
  parent: ComponentResourceOptions,
): readonly LinkItem[] | undefined {
  const buckets = bucketLinks(name, items);
  const known = new Set(buckets.map(({ name }) => name));
  app.require(
    declaredLinks(app, items).then((declared) => {
      const late = bucketLinks(name, declared).filter((link) => !known.has(link.name));
      if (late.length > 0) app.warn(...onlyNames(name, namesOf(late)));
    }),
  );
  if (buckets.length === 0) return items;
  requireMiniflare(app);
  app.warn(
    `${name} is a function, which has no bindings: for its link to ${namesOf(buckets)} it gets credentials of its own for R2, as the secrets accessKeyId and secretAccessKey of those links.`,
    `They allow reading and writing these objects and nothing else. Hand them to the client: const { endpoint, accessKeyId, secretAccessKey } = Resource.${buckets[0]?.name}; new S3Client({ region: "auto", endpoint, credentials: { accessKeyId, secretAccessKey } }).`,
  );
  const access = accessTo(app, name, buckets, parent);
  return mapBuckets(name, items, (link) => link.addProperties<Record<string, unknown>>(access));
}

function accessTo(app: App, name: string, buckets: readonly Link[], parent: ComponentResourceOptions) {
  const account = accountId(app);
  const token = new (sdk().AccountToken)(
    `${name}R2`,
    {
      accountId: account,
      name: physicalName(app, `${name}-r2`),
      policies: [
        {
          effect: "allow",
          permissionGroups: OBJECTS,
          resources: all(buckets.map((link) => bucketName(link) ?? "")).apply((names) =>
            resourcesOf(account, names),
          ),
        },
      ],
    },
    parent,
  );
  return {
    endpoint: endpointOf(app, account),
    accessKeyId: token.id,
    secretAccessKey: secret(token.value.apply(r2SecretKey)),
  };
}

function resourcesOf(account: string, names: readonly string[]): string {
  const own = [...new Set(names)].sort();
  return JSON.stringify(
    Object.fromEntries(own.map((name) => [`com.cloudflare.edge.r2.bucket.${account}_default_${name}`, "*"])),
  );
}

function endpointOf(app: App, account: string): Output<string> {
  if (app.home !== "local") return output(`https://${account}.r2.cloudflarestorage.com`);
  // What asks for types, or checks the code, deploys nothing: that it is a text is all that counts.
  if (app.purpose !== "deploy" || !app.workers) return output("");
  const url = workersClient(app.workers).url(R2_S3);
  app.require(url);
  return output(url);
}

/** The links to buckets in R2, but for those that are told later. */
function bucketLinks(name: string, items: readonly LinkItem[] | undefined): Link[] {
  const found: Link[] = [];
  mapBuckets(name, items, (link) => {
    found.push(link);
    return link;
  });
  return found;
}

function mapBuckets(
  name: string,
  items: readonly LinkItem[] | undefined,
  change: (link: Link) => Link,
): readonly LinkItem[] | undefined {
  // What is no list is told of by who collects the links.
  if (!Array.isArray(items)) return items;
  return items.map((item: LinkItem) => {
    if (Array.isArray(item)) return mapBuckets(name, item, change) ?? item;
    const links = linksOf(name, item);
    if (links.every((link) => bucketName(link) === undefined)) return item;
    return links.map((link) => (bucketName(link) === undefined ? link : change(link)));
  });
}

function linksOf(name: string, item: LinkItem): Link[] {
  if (typeof item === "function") return [];
  try {
    return collectLinks(name, [item]).links;
  } catch {
    // What cannot be linked is told of by who collects all of them, with its place.
    return [];
  }
}

function bucketName(link: Link): Input<string> | undefined {
  const binding = link.include.find((item) => item.kind === "binding" && item.type === "r2BucketBindings");
  return binding?.kind === "binding" ? binding.properties.bucketName : undefined;
}

function namesOf(links: readonly Link[]): string {
  return [...new Set(links.map(({ name }) => name))].sort().join(", ");
}

/** Whether there is a token has to be known at once, and what is linked later is not. */
function onlyNames(name: string, links: string): [message: string, hint: string] {
  return [
    `${name} is a function, and linked to ${links} further down: it gets the name of the bucket, and no credentials for R2.`,
    `Declare ${links} before ${name} and link it as it is.`,
  ];
}
