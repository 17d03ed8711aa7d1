/** What the harbour answers: run it with `bowline run -- node check.mjs`. */
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { Resource } from "bowline";

const ask = async (method, path, body) => {
  const answer = await fetch(new URL(path, Resource.Harbour.url), { method, body });
  const text = await answer.text();
  return answer.headers.get("content-type")?.includes("json") ? JSON.parse(text) : text;
};

assert.deepEqual(await ask("GET", "/"), {
  greeting: `Ahoy, ${Resource.App.stage}`,
  bucket: Resource.Photos.name,
  same: true,
  retries: 3,
  secretLength: Resource.ApiToken.value.length,
});
assert.deepEqual(await ask("PUT", "/photos/boat", "a boat"), { stored: "boat" });
assert.equal(await ask("GET", "/photos/boat"), "a boat");
assert.deepEqual(await ask("PUT", "/sessions/1", "open"), { stored: "1" });
assert.deepEqual(await ask("GET", "/sessions/1"), { session: "open" });
assert.ok((await ask("POST", "/berths/Bounty")).some(({ ship }) => ship === "Bounty"));
assert.equal(typeof (await ask("GET", "/visits")).visits, "number");
assert.deepEqual(await ask("GET", "/tide?hour=7"), { tide: "Ahoy: low water" });
assert.equal(await ask("GET", "/chart.txt"), "Here be mud.\n");
assert.deepEqual(await ask("POST", "/jobs/rope"), { queued: "rope" });
while ((await ask("GET", "/sessions/unloaded-rope")).session !== "yes") await pause(50);
console.log("the harbour answers");
