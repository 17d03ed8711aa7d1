/**
 * Does something once this process has had nothing to do for so many milliseconds in all: a busy machine, or much work,
 * does not count.
 */
export function whenIdle(milliseconds: number, act: () => void): { stop(): void } {
  const before = performance.eventLoopUtilization();
  const timer = setInterval(() => {
    if (performance.eventLoopUtilization(before).idle < milliseconds) return;
    clearInterval(timer);
    act();
  }, milliseconds / 10);
  return { stop: () => clearInterval(timer) };
}
