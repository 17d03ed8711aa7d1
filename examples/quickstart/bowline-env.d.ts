// Written by `bowline types`. Changes made here are lost.
// What each link is called and what it looks like; never a value.
import "bowline";

declare module "bowline" {
  interface Resources {
    Orders: {
      type: "bowline:aws:Dynamo";
      arn: string;
      name: string;
    };
    Receipts: {
      type: "bowline:aws:Bucket";
      arn: string;
      name: string;
    };
    Settings: {
      type: "bowline:index:Linkable";
      currency: string;
      vat: number;
    };
    StripeKey: {
      type: "bowline:index:Secret";
      value: string;
    };
  }

  interface Consumers {
    Api: Pick<Resources, "Orders" | "Receipts" | "Settings" | "StripeKey">;
    Report: Pick<Resources, "Orders">;
  }
}
