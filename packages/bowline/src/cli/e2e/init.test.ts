import { describe, expect, test } from "vitest";
import { appFolder } from "./app-folder.ts";

const VISIT = `fetch(JSON.parse(process.env.SST_RESOURCE_Hello).url).then((answer) => answer.text()).then(console.log)`;

describe("bowline init", { timeout: 60_000 }, () => {
  for (const language of ["typescript", "python"] as const) {
    test(`begins an app in ${language} that runs as it is`, async () => {
      await using app = appFolder({});
      const begun = await app.bowline("init", ...(language === "python" ? ["--python"] : []));
      expect(begun.code).toBe(0);
      expect(begun.stdout).toContain("Next:\n  npm install\n  npx bowline dev\n");
      const visit = await app.bowline("run", "--stage", "t", "--", "node", "-e", VISIT);
      expect(visit.stderr).not.toContain("✗");
      expect(JSON.parse(visit.stdout.trim().split("\n").at(-1) ?? "")).toEqual({ hello: "world", visits: 1 });
      expect(await app.bowline("init")).toMatchObject({
        code: 2,
        stderr: expect.stringContaining("bowline dev"),
      });
    });
  }
});
