import { expect, test } from "vitest";
import { declaredClasses, migrationsFrom } from "./durable-objects.ts";

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
