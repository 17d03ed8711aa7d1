import { expect, test } from "vitest";
import { whenIdle } from "./idle.ts";

test("it is done after so much time of idleness, once", async () => {
  let done = 0;
  const begun = performance.now();
  await new Promise<void>((resolve) => {
    whenIdle(50, () => {
      done += 1;
      setTimeout(resolve, 30);
    });
  });
  expect(done).toBe(1);
  expect(performance.now() - begun).toBeGreaterThanOrEqual(50);
});

test("time in which there is work does not count", async () => {
  let done = false;
  const idle = whenIdle(400, () => {
    done = true;
  });
  const until = performance.now() + 900;
  while (performance.now() < until) {
    const step = performance.now() + 30;
    while (performance.now() < step);
    await new Promise((resolve) => setImmediate(resolve));
  }
  idle.stop();
  expect(done).toBe(false);
});
