import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LocalAws, startLocalAws } from "../testing.ts";

let aws: LocalAws;
beforeAll(async () => {
  aws = await startLocalAws();
});
afterAll(() => aws?.[Symbol.asyncDispose]());

test("a parameter is put, changed, read by the program and removed", async () => {
  const ssm = aws.client(SSMClient);
  const parameter = aws.resource("aws:ssm/parameter:Parameter");
  const inputs = { name: "/shop/test/key", type: "SecureString", value: "one", tags: { team: "a" } };
  expect(await parameter.up(inputs)).toBe("create");
  expect(parameter.outputs).toMatchObject({
    arn: "arn:aws:ssm:us-east-1:000000000000:parameter/shop/test/key",
    version: 1,
    dataType: "text",
  });
  expect(await parameter.up({ ...inputs, value: "two" })).toBe("update");
  expect(parameter.outputs.version).toBe(2);
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: inputs.name, WithDecryption: true }));
  expect(Parameter?.Value).toBe("two");
  expect(
    await aws.provider.invoke?.(
      "aws:ssm/getParameter:getParameter",
      { name: inputs.name },
      { preview: false, config: {} },
    ),
  ).toMatchObject({ value: "two", insecureValue: "", type: "SecureString" });
  await expect(aws.resource("aws:ssm/parameter:Parameter", "Other").up(inputs)).rejects.toThrow(
    "ParameterAlreadyExists",
  );
  expect(await parameter.recover({ ...inputs, value: "three" })).toBe(true);
  expect(parameter.outputs.value).toBe("three");
  await parameter.delete();
  expect(await parameter.refresh()).toBe(false);
  await parameter.delete();
});
