/** What the ferry answers: run it with `bowline run -- node check.mjs`. */
import assert from "node:assert/strict";
import { Resource } from "bowline";

const ask = (method, path) => fetch(new URL(path, Resource.Front.url), { method });

assert.deepEqual(await (await ask("POST", "/book/noon")).json(), { booked: "noon" });
assert.deepEqual(await (await ask("GET", "/crossing/noon")).json(), { id: "noon", booked: true });
assert.equal(await (await ask("GET", "/ticket/noon")).text(), "one place at noon");
assert.equal(await (await ask("GET", "/seen/noon")).text(), "yes");
assert.equal((await ask("PUT", "/crossing/night")).status, 500);
console.log("the ferry runs");
