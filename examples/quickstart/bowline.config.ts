import { aws, defineConfig, Linkable, Secret } from "bowline/config";

export default defineConfig({
  app: () => ({ name: "shop" }),
  run() {
    const receipts = new aws.Bucket("Receipts");
    const orders = new aws.Dynamo("Orders", { fields: { id: "string" }, primaryIndex: { hashKey: "id" } });
    const stripe = new Secret("StripeKey", "sk_test_placeholder");
    const settings = new Linkable("Settings", { properties: { currency: "EUR", vat: 0.19 } });

    const api = new aws.Function("Api", {
      handler: "src/api.handler",
      url: true,
      link: [orders, receipts.link("write"), stripe, settings],
    });
    const report = new aws.Function("Report", {
      handler: "src/report.handler",
      runtime: "python3.12",
      url: true,
      link: [orders.link("read")],
    });

    return { api: api.url, report: report.url };
  },
});
