// Written by `bowline types`. Changes made here are lost.
// What each link is called and what it looks like; never a value.
import "bowline";

declare module "bowline" {
  interface Resources {
    Booking: {
      type: "bowline:aws:Function";
      arn: string;
      name: string;
      url: string;
    };
    Cache: KVNamespace & {
      type: "bowline:cloudflare:Kv";
      id: string;
    };
    Crossings: {
      type: "bowline:aws:Dynamo";
      arn: string;
      name: string;
    };
    Front: {
      type: "bowline:cloudflare:Worker";
      url: string;
    };
    Tickets: {
      type: "bowline:cloudflare:Bucket";
      accessKeyId?: string;
      endpoint?: string;
      name: string;
      secretAccessKey?: string;
    };
  }

  interface Consumers {
    Booking: Pick<Resources, "Crossings" | "Front"> & {
      Tickets: {
        type: "bowline:cloudflare:Bucket";
        accessKeyId: string;
        endpoint: string;
        name: string;
        secretAccessKey: string;
      };
    };
    Front: Pick<Resources, "Booking" | "Cache" | "Crossings"> & {
      Tickets: R2Bucket & {
        type: "bowline:cloudflare:Bucket";
        name: string;
      };
    };
  }

  interface Envs {
    Front: Consumers["Front"] & {
      readonly App: App;
      AWS_ACCESS_KEY_ID: string;
      AWS_ENDPOINT_URL: string | undefined;
      AWS_REGION: string;
      AWS_SECRET_ACCESS_KEY: string;
      AWS_SESSION_TOKEN: string | undefined;
    };
  }
}
