/** Keys to take away: in clear and encrypted, or encrypted only. And random bytes. */
import { createPrivateKey, createPublicKey, randomBytes } from "node:crypto";
import { type Input, textMap } from "../protocol/json-input.ts";
import { type Call, type Operation, operation } from "../service.ts";
import { onAccount, onKey } from "./access.ts";
import { encrypt } from "./ciphertext.ts";
import { noEnclave } from "./encryption.ts";
import { invalid, invalidUsage, unsupported } from "./errors.ts";
import { endDryRun, oneOf, optionalInteger, text } from "./input.ts";
import type { Keyring } from "./keyring.ts";
import type { Key } from "./model.ts";
import { contextFacts } from "./policy.ts";
import { isAsymmetric, keySpecs } from "./specs.ts";
import { usableKey } from "./usable.ts";

const pairSpecs = Object.keys(keySpecs).filter(isAsymmetric);
const mostRandomBytes = 1024;

function lengthOf(input: Input): number {
  const spec = oneOf(input, "KeySpec", ["AES_128", "AES_256"]);
  const length = optionalInteger(input, "NumberOfBytes", 1, mostRandomBytes);
  if ((spec === undefined) === (length === undefined)) {
    throw invalid("Please specify either number of bytes or key spec.");
  }
  return length ?? (spec === "AES_128" ? 16 : 32);
}

export function dataKeyOperations(ring: Keyring): Record<string, Operation> {
  const withContext = (action: string, facts: (input: Input) => Record<string, string> = () => ({})) =>
    onKey(ring, action, (input) => ({
      ...contextFacts(textMap(input, "EncryptionContext")),
      ...facts(input),
    }));
  const pairFacts = (input: Input): Record<string, string> =>
    typeof input.KeyPairSpec === "string" ? { "kms:DataKeyPairSpec": input.KeyPairSpec } : {};

  function wrappingKey(input: Input, call: Call): Key {
    const key = usableKey(ring, text(input, "KeyId"), "ENCRYPT_DECRYPT", call.operation);
    if (key.spec !== "SYMMETRIC_DEFAULT") {
      throw invalidUsage(
        `${key.arn} key spec is ${key.spec}: only symmetric keys can be used to generate data keys.`,
      );
    }
    return key;
  }

  function dataKey(input: Input, call: Call) {
    noEnclave(input);
    const key = wrappingKey(input, call);
    const plaintext = randomBytes(lengthOf(input));
    const sealed = encrypt(ring, key, plaintext, textMap(input, "EncryptionContext"), call.time);
    endDryRun(input);
    return {
      plaintext: plaintext.toString("base64"),
      answer: { CiphertextBlob: sealed.toString("base64"), KeyId: key.arn },
    };
  }

  async function dataKeyPair(input: Input, call: Call) {
    noEnclave(input);
    const key = wrappingKey(input, call);
    const pairSpec = oneOf(input, "KeyPairSpec", pairSpecs) ?? text(input, "KeyPairSpec");
    const context = textMap(input, "EncryptionContext");
    endDryRun(input);
    const privateKey = await keySpecs[pairSpec]?.generate();
    if (!privateKey) throw invalid(`There is no key pair spec ${pairSpec}.`);
    const publicKey = createPublicKey(createPrivateKey({ key: privateKey, format: "der", type: "pkcs8" }));
    return {
      privateKey: privateKey.toString("base64"),
      answer: {
        PrivateKeyCiphertextBlob: encrypt(ring, key, privateKey, context, call.time).toString("base64"),
        PublicKey: publicKey.export({ format: "der", type: "spki" }).toString("base64"),
        KeyId: key.arn,
        KeyPairSpec: pairSpec,
      },
    };
  }

  return {
    GenerateDataKey: operation<Input, unknown>({
      access: withContext("GenerateDataKey"),
      run(input, call) {
        const { plaintext, answer } = dataKey(input, call);
        return { ...answer, Plaintext: plaintext };
      },
    }),
    GenerateDataKeyWithoutPlaintext: operation<Input, unknown>({
      access: withContext("GenerateDataKeyWithoutPlaintext"),
      run: (input, call) => dataKey(input, call).answer,
    }),
    GenerateDataKeyPair: operation<Input, unknown>({
      access: withContext("GenerateDataKeyPair", pairFacts),
      async run(input, call) {
        const { privateKey, answer } = await dataKeyPair(input, call);
        return { ...answer, PrivateKeyPlaintext: privateKey };
      },
    }),
    GenerateDataKeyPairWithoutPlaintext: operation<Input, unknown>({
      access: withContext("GenerateDataKeyPairWithoutPlaintext", pairFacts),
      run: async (input, call) => (await dataKeyPair(input, call)).answer,
    }),
    GenerateRandom: operation<Input, unknown>({
      access: onAccount("GenerateRandom"),
      run(input) {
        noEnclave(input);
        if (input.CustomKeyStoreId !== undefined) {
          throw unsupported("Custom key stores are not part of the local cloud.");
        }
        const length = optionalInteger(input, "NumberOfBytes", 1, mostRandomBytes);
        if (length === undefined) throw invalid("Please specify the NumberOfBytes: 1 to 1024.");
        return { Plaintext: randomBytes(length).toString("base64") };
      },
    }),
  };
}
