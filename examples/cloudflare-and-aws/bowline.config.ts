import { aws, cloudflare, defineConfig } from "bowline/config";

/**
 * A Worker in front of AWS: it reads a table with credentials of its own, and calls a function, which calls it back and
 * writes to the Worker's bucket, with credentials of its own as well.
 */
export default defineConfig({
  app: () => ({ name: "ferry" }),
  run() {
    const crossings = new aws.Dynamo("Crossings", {
      fields: { id: "string" },
      primaryIndex: { hashKey: "id" },
    });
    const cache = new cloudflare.Kv("Cache");
    const tickets = new cloudflare.Bucket("Tickets");

    const front = new cloudflare.Worker("Front", {
      handler: "src/front.ts",
      url: true,
      link: [crossings.link("read"), cache, tickets, () => booking],
    });
    const booking = new aws.Function("Booking", {
      handler: "src/booking.handler",
      url: true,
      link: [crossings, tickets, front],
    });

    return { front: front.url, booking: booking.url };
  },
});
