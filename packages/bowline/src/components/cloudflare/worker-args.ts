import type { WorkersScriptArgs } from "@pulumi/cloudflare/workersScript.js";
import type { Input } from "@pulumi/pulumi";
import type { LinkItem } from "../../link/linkable.ts";
import type { Transform } from "../component.ts";
import type { DurableObjectClass } from "./durable-objects.ts";
import type { WorkerAssets } from "./worker-assets.ts";
import type { WorkerDomain } from "./worker-domain.ts";

export interface WorkerArgs {
  /** The file whose default export is the Worker: `src/worker.ts`. */
  readonly handler: string;
  /** Gives it a URL of its own. Without one, other Workers can call it. */
  readonly url?: boolean;
  /** A host name of yours it answers at, in a zone of the account: `"api.example.com"`. Its `url` is that one. */
  readonly domain?: WorkerDomain;
  /** What it uses. What is declared further down is linked by a function: `() => other`. */
  readonly link?: readonly LinkItem[];
  /** Variables besides its links: `env.NAME`. */
  readonly environment?: Readonly<Record<string, Input<string>>>;
  /**
   * Classes it exports, by the name of their binding: `{ Rooms: "Room" }` is `env.Rooms`. One that was called otherwise
   * keeps its objects: `{ Rooms: { class: "Room", renamedFrom: "Chat" } }`.
   */
  readonly durableObjects?: Readonly<Record<string, DurableObjectClass>>;
  /** Classes it exported once, whose objects are deleted with all they hold. */
  readonly deletedDurableObjects?: readonly string[];
  /** Files that are served as they are; what is none of them comes to the handler. */
  readonly assets?: WorkerAssets;
  /** When its `scheduled` runs, in UTC: five fields, such as `0 3 * * *`. */
  readonly crons?: readonly string[];
  readonly compatibility?: {
    /** The day whose runtime it was written for. */
    readonly date?: string;
    /** Default `["nodejs_compat"]`. */
    readonly flags?: readonly string[];
  };
  /** `"smart"`: runs near what it calls rather than near who calls it. */
  readonly placement?: "smart";
  readonly build?: {
    readonly minify?: boolean;
    /** Packages that are not bundled. */
    readonly external?: readonly string[];
  };
  readonly transform?: {
    readonly script?: Transform<WorkersScriptArgs>;
  };
}
