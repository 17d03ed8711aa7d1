import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test, vi } from "vitest";
import type { App } from "../../config/app.ts";
import { declaredClasses, migrationsFrom, workerMigrations } from "./durable-objects.ts";

const declared = (durableObjects: object, deletedDurableObjects: string[] = []) =>
  declaredClasses("Chat", {
    durableObjects: durableObjects as Record<string, string>,
    deletedDurableObjects,
  });
const Room = { Rooms: "Room" };

test.each([
  [
    "the first deployment makes all of them",
    { tag: undefined, classes: [] },
    declared({ Rooms: "Room", Seats: "Seat" }),
    { newTag: "v1", newSqliteClasses: ["Room", "Seat"] },
  ],
  ["nothing is to do twice", { tag: "v1", classes: ["Room"] }, declared(Room), undefined],
  [
    "a class that comes later",
    { tag: "v1", classes: ["Room"] },
    declared({ Rooms: "Room", Seats: "Seat" }),
    { oldTag: "v1", newTag: "v2", newSqliteClasses: ["Seat"] },
  ],
  [
    "one that is renamed",
    { tag: "v2", classes: ["Room"] },
    declared({ Rooms: { class: "Hall", renamedFrom: "Room" } }),
    { oldTag: "v2", newTag: "v3", renamedClasses: [{ from: "Room", to: "Hall" }] },
  ],
  [
    "was renamed before",
    { tag: "v3", classes: ["Hall"] },
    declared({ Rooms: { class: "Hall", renamedFrom: "Room" } }),
    undefined,
  ],
  [
    "another takes the place of one that is renamed",
    { tag: "v3", classes: ["Room"] },
    declared({ Rooms: { class: "Hall", renamedFrom: "Room" }, New: "Room" }),
    {
      oldTag: "v3",
      newTag: "v4",
      newSqliteClasses: ["Room"],
      renamedClasses: [{ from: "Room", to: "Hall" }],
    },
  ],
  [
    "one that is deleted, after tags of others",
    { tag: "first", classes: ["Room", "Seat"] },
    declared(Room, ["Seat", "Gone"]),
    { oldTag: "first", newTag: "first-2", deletedClasses: ["Seat"] },
  ],
])("%s", (_name, deployed, wanted, migrations) => {
  expect(migrationsFrom("Chat", deployed, wanted)).toEqual(migrations);
});

test("a class is not left behind without a word, nor declared and deleted", () => {
  expect(() => migrationsFrom("Chat", { tag: "v1", classes: ["Room", "Seat"] }, declared(Room))).toThrow(
    "Chat: there are Durable Objects of Seat, which is no longer declared.",
  );
  expect(() => declared(Room, ["Room"])).toThrow("Chat: the class Room is declared and deleted.");
});

test("what is there is asked of Cloudflare, and of nobody else's Workers", async () => {
  const answers: Readonly<Record<string, object[]>> = {
    "/accounts/a/workers/scripts": [
      { id: "other", migration_tag: "v9" },
      { id: "chat", migration_tag: "v1" },
    ],
    "/accounts/a/workers/durable_objects/namespaces?per_page=1000": [
      { script: "other", class: "Seat" },
      { script: "chat", class: "Room" },
    ],
  };
  const server = createServer(({ url = "" }, response) => {
    const result = answers[url];
    response.statusCode = result ? 200 : 403;
    response.end(JSON.stringify(result ? { result } : { errors: [{ code: 10000, message: "not yours" }] }));
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  vi.stubEnv("CLOUDFLARE_BASE_URL", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv("CLOUDFLARE_API_TOKEN", "token");
  const app = { home: "cloudflare", purpose: "deploy" } as App;
  const ask = (account: string, scriptName: string) =>
    workerMigrations(app, "Chat", { account, scriptName }, declared({ Rooms: "Room", Seats: "Seat" }));
  try {
    expect(await ask("a", "chat")).toEqual({ oldTag: "v1", newTag: "v2", newSqliteClasses: ["Seat"] });
    expect(await ask("a", "new")).toEqual({ newTag: "v1", newSqliteClasses: ["Room", "Seat"] });
    await expect(ask("b", "chat")).rejects.toThrow(
      "Chat: Cloudflare did not say which Durable Objects there are: not yours.",
    );
  } finally {
    vi.unstubAllEnvs();
    server.close();
  }
});
