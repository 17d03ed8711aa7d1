// Written by `bowline types`. Changes made here are lost.
// What each link is called and what it looks like; never a value.
import "bowline";

declare module "bowline" {
  interface Resources {
    ApiToken: {
      type: "bowline:index:Secret";
      value: string;
    };
    Berths: D1Database & {
      type: "bowline:cloudflare:D1";
      id: string;
      name: string;
    };
    Jobs: Queue & {
      type: "bowline:cloudflare:Queue";
      name: string;
    };
    Photos: R2Bucket & {
      type: "bowline:cloudflare:Bucket";
      name: string;
    };
    Sessions: KVNamespace & {
      type: "bowline:cloudflare:Kv";
      id: string;
    };
    Settings: {
      type: "bowline:index:Linkable";
      greeting: string;
      retries: number;
    };
    Tides: Service<typeof import("./src/tides.js").default> & {
      type: "bowline:cloudflare:Worker";
    };
  }

  interface Consumers {
    Harbour: Pick<Resources, "ApiToken" | "Berths" | "Jobs" | "Photos" | "Sessions" | "Settings" | "Tides">;
    JobsSubscriber: Pick<Resources, "Sessions">;
    Tides: Pick<Resources, "Settings">;
  }

  interface Envs {
    Harbour: Consumers["Harbour"] & {
      readonly App: App;
      ASSETS: Fetcher;
      Visits: DurableObjectNamespace<import("./src/harbour.js").Counter>;
    };
    JobsSubscriber: Consumers["JobsSubscriber"] & {
      readonly App: App;
    };
    Tides: Consumers["Tides"] & {
      readonly App: App;
    };
  }
}
