import * as vercel from "@pulumiverse/vercel";
import { aws, defineConfig, Linkable, Secret } from "bowline/config";

/** A site on Vercel that uses resources of this app: `Linkable.env` carries the links there. */
export default defineConfig({
  app: () => ({ name: "sailmaker" }),
  run() {
    const patterns = new aws.Bucket("Patterns");
    const key = new Secret("CatalogueKey", "not-set");

    const site = new vercel.Project("Site", { name: "sailmaker", framework: "nextjs" });
    const variables = Linkable.env([patterns, key]).apply((links) =>
      Object.entries(links).map(([name, value]) => ({
        key: name,
        value,
        sensitive: true,
        targets: ["production", "preview"],
      })),
    );
    new vercel.ProjectEnvironmentVariables("SiteLinks", { projectId: site.id, variables });

    return { project: site.name };
  },
});
