/** A process that sets secrets when it is told to: `node set-secrets.fixture.ts ROOT PREFIX COUNT`. */
import { findProject, stagePaths } from "../config/project.ts";
import { projectKeys } from "./key.ts";
import { openSecrets } from "./store.ts";

const [root = "", prefix = "", count = "0"] = process.argv.slice(2);
process.stdout.write("ready\n");
process.stdin.once("data", () => {
  const project = findProject(root);
  const store = openSecrets(stagePaths(project, "t").secrets, projectKeys(project).secrets);
  for (let index = 0; index < Number(count); index++) {
    store.set(`${prefix}${index}`, `value ${prefix}${index}`);
    store.set("Shared", `from ${prefix}`);
  }
  process.exit();
});
