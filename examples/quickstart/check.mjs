/** Stores an order through one function and reads it back through the other: `bowline run -- node check.mjs`. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { Resource } from "bowline";

equal(Resource.Settings.currency, "EUR");
equal(Resource.Settings.vat, 0.19);
ok(Resource.Receipts.name.length > 0);

const { order } = await call(Resource.Api.url, { item: "rope", price: 10 });
equal(order.total, "11.90 EUR");

const { orders } = await call(Resource.Report.url);
deepEqual(
  orders.find(({ id }) => id === order.id),
  order,
);
console.log(`order ${order.id} was stored by TypeScript and read by Python`);

async function call(url, body) {
  const response = await fetch(url, body ? { method: "POST", body: JSON.stringify(body) } : undefined);
  const text = await response.text();
  equal(response.status, 200, text);
  return JSON.parse(text);
}
