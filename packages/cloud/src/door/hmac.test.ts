import { createHmac, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { hmacSha256 } from "./hmac.ts";

test("agrees with Node's HMAC for keys and texts of any length", () => {
  for (const keyLength of [0, 1, 32, 63, 64, 65, 200]) {
    const key = randomBytes(keyLength);
    const hmac = hmacSha256(key);
    for (const text of ["", "a", "ä€😀", "x".repeat(900), "y".repeat(5000), "short again"]) {
      expect(hmac(text)).toBe(createHmac("sha256", key).update(text).digest("hex"));
    }
  }
});
