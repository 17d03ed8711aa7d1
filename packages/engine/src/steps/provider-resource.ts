/** Default providers: one a package and version, registered when the first resource needs it. */

import type { Deployment } from "../deployment.ts";
import { plainGoal } from "../goal.ts";
import { type Properties, type PropertyValue, UNKNOWN } from "../provider.ts";
import { buildUrn } from "../urn.ts";
import { secret } from "../values/wire.ts";
import { register } from "./register.ts";

const defaults = new WeakMap<Deployment, Map<string, Promise<string>>>();

/** `<urn>::<id>` of the provider a resource shall have. */
export function providerReference(
  deployment: Deployment,
  explicit: string,
  packageName: string,
  version: string,
): Promise<string> {
  if (explicit !== "") return Promise.resolve(explicit);
  let known = defaults.get(deployment);
  if (!known) {
    known = new Map();
    defaults.set(deployment, known);
  }
  const key = `${packageName}@${version}`;
  let reference = known.get(key);
  if (!reference) {
    reference = registerDefault(deployment, packageName, version);
    known.set(key, reference);
  }
  return reference;
}

async function registerDefault(
  deployment: Deployment,
  packageName: string,
  version: string,
): Promise<string> {
  const { stack, project } = deployment.options;
  const name = version === "" ? "default" : `default_${version.replace(/[.+-]/g, "_")}`;
  const type = `pulumi:providers:${packageName}`;
  const urn = buildUrn(stack, project, "", type, name);
  const inputs: Properties = { ...configOf(deployment, packageName), ...(version !== "" ? { version } : {}) };
  const state = await register(deployment, plainGoal(urn, type, name, true, inputs));
  return `${urn}::${state.id ?? UNKNOWN}`;
}

/** The stack's configuration under the package's name: `aws:region` is the provider's `region`. */
function configOf(deployment: Deployment, packageName: string): Properties {
  const { config = {}, secretConfig = [] } = deployment.options;
  const secrets = new Set(secretConfig);
  const result: Record<string, PropertyValue> = {};
  for (const [key, value] of Object.entries(config)) {
    if (!key.startsWith(`${packageName}:`)) continue;
    result[key.slice(packageName.length + 1)] = secrets.has(key) ? secret(value) : value;
  }
  return result;
}
