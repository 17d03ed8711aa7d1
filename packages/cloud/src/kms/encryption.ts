/** Encrypting and decrypting, with symmetric keys and RSA. */
import { constants, createPublicKey, privateDecrypt, publicEncrypt } from "node:crypto";
import { AwsError } from "../error.ts";
import { type Input, optionalText, textMap } from "../protocol/json-input.ts";
import { type AccessRequest, type Call, type Operation, operation } from "../service.ts";
import { keyRequest } from "./access.ts";
import { decrypt, encrypt, readCiphertext } from "./ciphertext.ts";
import { invalidCiphertext, invalidUsage, unsupported } from "./errors.ts";
import { blob, endDryRun, text } from "./input.ts";
import type { Keyring } from "./keyring.ts";
import type { EncryptionContext, Key } from "./model.ts";
import { contextFacts } from "./policy.ts";
import { keySpecs } from "./specs.ts";
import { usableKey } from "./usable.ts";

const plaintextLimit = 4096;
const ciphertextLimit = 6144;
const symmetric = "SYMMETRIC_DEFAULT";

const oaepHash: Readonly<Record<string, string>> = {
  RSAES_OAEP_SHA_1: "sha1",
  RSAES_OAEP_SHA_256: "sha256",
};

/** The algorithm asked for, if the key has it. */
function algorithmFor(key: Key, asked: string | undefined): string {
  const known = keySpecs[key.spec]?.algorithms.ENCRYPT_DECRYPT ?? [];
  const algorithm = asked ?? symmetric;
  if (!known.includes(algorithm)) {
    throw invalidUsage(
      `Algorithm ${algorithm} is incompatible with key spec ${key.spec}, which has ${known.join(", ")}.`,
    );
  }
  return algorithm;
}

function encryptWith(
  ring: Keyring,
  key: Key,
  algorithm: string,
  plaintext: Buffer,
  context: EncryptionContext,
  now: number,
): Buffer {
  const oaep = oaepHash[algorithm];
  if (oaep === undefined) return encrypt(ring, key, plaintext, context, now);
  const options = { key: createPublicKey(ring.privateKey(key)), padding: constants.RSA_PKCS1_OAEP_PADDING };
  try {
    return publicEncrypt({ ...options, oaepHash: oaep }, plaintext);
  } catch {
    throw new AwsError(
      "ValidationException",
      `Algorithm ${algorithm} and key spec ${key.spec} cannot encrypt data larger than the key's padding leaves room for: ${plaintext.length} bytes are too many.`,
    );
  }
}

function decryptWith(
  ring: Keyring,
  key: Key,
  algorithm: string,
  ciphertext: Buffer,
  context: EncryptionContext,
): Buffer {
  const oaep = oaepHash[algorithm];
  if (oaep !== undefined) {
    const options = { key: ring.privateKey(key), padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: oaep };
    try {
      return privateDecrypt(options, ciphertext);
    } catch {
      throw invalidCiphertext();
    }
  }
  const read = readCiphertext(ciphertext);
  if (read.keyId !== key.id) {
    throw new AwsError(
      "IncorrectKeyException",
      "The key ID in the request does not identify a CMK that can perform this operation.",
    );
  }
  return decrypt(ring, key, read, context);
}

/** The key that a ciphertext is to be decrypted with: the one given, or the one it names itself. */
function keyOf(input: Input, keyMember: string, blobMember: string, algorithmMember: string): string {
  const given = optionalText(input, keyMember);
  if (given) return given;
  if ((optionalText(input, algorithmMember) ?? symmetric) !== symmetric) return text(input, keyMember);
  return readCiphertext(blob(input, blobMember, ciphertextLimit)).keyId;
}

function facts(input: Input, contextMember: string, algorithmMember: string): AccessRequest["context"] {
  return {
    ...contextFacts(textMap(input, contextMember)),
    "kms:EncryptionAlgorithm": optionalText(input, algorithmMember) ?? symmetric,
  };
}

export function noEnclave(input: Input): void {
  if (input.Recipient !== undefined) {
    throw unsupported("Recipients in Nitro enclaves are not part of the local cloud.");
  }
}

export function encryptionOperations(ring: Keyring): Record<string, Operation> {
  function open(input: Input, call: Call) {
    const given = keyOf(input, "KeyId", "CiphertextBlob", "EncryptionAlgorithm");
    const key = usableKey(ring, given, "ENCRYPT_DECRYPT", call.operation);
    const algorithm = algorithmFor(key, optionalText(input, "EncryptionAlgorithm"));
    const ciphertext = blob(input, "CiphertextBlob", ciphertextLimit);
    const plaintext = decryptWith(ring, key, algorithm, ciphertext, textMap(input, "EncryptionContext"));
    return { key, algorithm, plaintext };
  }

  return {
    Encrypt: operation<Input, unknown>({
      access: (input, call) => [
        keyRequest(
          ring,
          "Encrypt",
          input.KeyId,
          call,
          facts(input, "EncryptionContext", "EncryptionAlgorithm"),
        ),
      ],
      run(input, call) {
        const key = usableKey(ring, text(input, "KeyId"), "ENCRYPT_DECRYPT", "Encrypt");
        const algorithm = algorithmFor(key, optionalText(input, "EncryptionAlgorithm"));
        const plaintext = blob(input, "Plaintext", plaintextLimit);
        const context = textMap(input, "EncryptionContext");
        const sealed = encryptWith(ring, key, algorithm, plaintext, context, call.time);
        endDryRun(input);
        return {
          CiphertextBlob: sealed.toString("base64"),
          KeyId: key.arn,
          EncryptionAlgorithm: algorithm,
        };
      },
    }),
    Decrypt: operation<Input, unknown>({
      access(input, call) {
        const given = keyOf(input, "KeyId", "CiphertextBlob", "EncryptionAlgorithm");
        return [
          keyRequest(ring, "Decrypt", given, call, facts(input, "EncryptionContext", "EncryptionAlgorithm")),
        ];
      },
      run(input, call) {
        noEnclave(input);
        const { key, algorithm, plaintext } = open(input, call);
        endDryRun(input);
        return {
          Plaintext: plaintext.toString("base64"),
          KeyId: key.arn,
          EncryptionAlgorithm: algorithm,
        };
      },
    }),
    ReEncrypt: operation<Input, unknown>({
      access(input, call) {
        const source = keyOf(input, "SourceKeyId", "CiphertextBlob", "SourceEncryptionAlgorithm");
        const same = ring.arnOf(source) === ring.arnOf(optionalText(input, "DestinationKeyId") ?? "");
        const onSame = { "kms:ReEncryptOnSameKey": String(same) };
        const from = facts(input, "SourceEncryptionContext", "SourceEncryptionAlgorithm");
        const to = facts(input, "DestinationEncryptionContext", "DestinationEncryptionAlgorithm");
        return [
          keyRequest(ring, "ReEncryptFrom", source, call, { ...from, ...onSame }),
          keyRequest(ring, "ReEncryptTo", input.DestinationKeyId, call, { ...to, ...onSame }),
        ];
      },
      run(input, call) {
        const source = open(
          {
            KeyId: input.SourceKeyId,
            CiphertextBlob: input.CiphertextBlob,
            EncryptionContext: input.SourceEncryptionContext,
            EncryptionAlgorithm: input.SourceEncryptionAlgorithm,
          },
          call,
        );
        const key = usableKey(ring, text(input, "DestinationKeyId"), "ENCRYPT_DECRYPT", "ReEncrypt");
        const algorithm = algorithmFor(key, optionalText(input, "DestinationEncryptionAlgorithm"));
        const context = textMap(input, "DestinationEncryptionContext");
        const sealed = encryptWith(ring, key, algorithm, source.plaintext, context, call.time);
        endDryRun(input);
        return {
          CiphertextBlob: sealed.toString("base64"),
          SourceKeyId: source.key.arn,
          KeyId: key.arn,
          SourceEncryptionAlgorithm: source.algorithm,
          DestinationEncryptionAlgorithm: algorithm,
        };
      },
    }),
  };
}
