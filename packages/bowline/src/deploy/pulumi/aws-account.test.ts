import { expect, test } from "vitest";
import { startLocalAws } from "../../providers/testing.ts";
import { openAccount } from "./aws-account.ts";
import { openAwsHome } from "./aws-home.ts";

test("the account is found, another one than asked for is refused, and its home is made once", async () => {
  await using local = await startLocalAws();
  const { endpoint, region, credentials, accountId } = local.cloud;
  const env = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
  await expect(openAccount({ accountId: "123456789012" }, env)).rejects.toMatchObject({
    code: "wrong-account",
    exitCode: 2,
    message: expect.stringContaining(
      `those of account ${accountId}, and this stage belongs to account 123456789012`,
    ),
  });

  const account = await openAccount({ accountId }, env);
  const said: string[] = [];
  const app = { name: "shop", stage: "prod" };
  const [first, beside] = await Promise.all([
    openAwsHome(account, app, (message) => said.push(message)),
    openAwsHome(account, app, (message) => said.push(message)),
  ]);
  const again = await openAwsHome(account, app, () => expect.fail("it is there already"));
  expect(first.url).toMatch(new RegExp(`^s3://bowline-state-${accountId}-${region}\\?`));
  expect(first.passphrase.length).toBeGreaterThan(40);
  expect([beside.passphrase, again.passphrase]).toEqual([first.passphrase, first.passphrase]);
  const other = await openAwsHome(account, { ...app, stage: "test" }, () => {});
  expect(other.passphrase).not.toBe(first.passphrase);
});
