/** Signatures, message authentication codes, shared secrets, and the public keys they are checked with. */
import {
  constants,
  createHmac,
  createPublicKey,
  diffieHellman,
  type KeyObject,
  sign as signMessage,
  timingSafeEqual,
  verify as verifyMessage,
} from "node:crypto";
import { AwsError } from "../error.ts";
import { type Input, optionalText } from "../protocol/json-input.ts";
import { type AccessRequest, type Operation, operation } from "../service.ts";
import { onKey } from "./access.ts";
import * as ecdsa from "./ecdsa.ts";
import { noEnclave } from "./encryption.ts";
import { invalid, invalidUsage, unsupported } from "./errors.ts";
import { blob, endDryRun, oneOf, text } from "./input.ts";
import type { Keyring } from "./keyring.ts";
import type { Key } from "./model.ts";
import * as rsa from "./rsa.ts";
import { isAsymmetric, keySpecs } from "./specs.ts";
import { demandEnabled, usableKey } from "./usable.ts";

const messageLimit = 4096;

/** `RSASSA_PSS_SHA_256`, taken apart. */
interface Scheme {
  readonly padding: "PSS" | "PKCS1_V1_5" | "ECDSA";
  readonly hash: string;
}

function schemeOf(algorithm: string): Scheme {
  const bits = algorithm.slice(-3);
  const padding = algorithm.includes("_PSS_") ? "PSS" : algorithm.startsWith("RSA") ? "PKCS1_V1_5" : "ECDSA";
  return { padding, hash: `sha${bits}` };
}

function algorithmOf(
  key: Key,
  input: Input,
  member: string,
  usage: "SIGN_VERIFY" | "GENERATE_VERIFY_MAC",
): string {
  const algorithm = text(input, member);
  const known = keySpecs[key.spec]?.algorithms[usage] ?? [];
  if (known.includes(algorithm)) return algorithm;
  throw invalidUsage(
    `Algorithm ${algorithm} is incompatible with key spec ${key.spec}, which has ${known.join(", ")}.`,
  );
}

/** What is signed: a message, or the digest of one. */
interface Signed {
  readonly bytes: Buffer;
  readonly isDigest: boolean;
}

function signedIn(input: Input, hash: string): Signed {
  const bytes = blob(input, "Message", messageLimit);
  const type = oneOf(input, "MessageType", ["RAW", "DIGEST", "EXTERNAL_MU"]) ?? "RAW";
  if (type === "EXTERNAL_MU") throw unsupported("ML-DSA keys are not part of the local cloud.");
  const wanted = Number(hash.slice(3)) / 8;
  if (type === "DIGEST" && bytes.length !== wanted) {
    throw invalid(
      `Digest is invalid length for algorithm: ${hash} takes ${wanted} bytes, not ${bytes.length}.`,
    );
  }
  return { bytes, isDigest: type === "DIGEST" };
}

/** How `node:crypto` takes a key that signs messages. */
function keyOptions(padding: Scheme["padding"], key: KeyObject) {
  if (padding !== "PSS") return { key };
  return {
    key,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  };
}

function sign({ padding, hash }: Scheme, privateKey: KeyObject, { bytes, isDigest }: Signed): Buffer {
  if (!isDigest) return signMessage(hash, bytes, keyOptions(padding, privateKey));
  return padding === "ECDSA"
    ? ecdsa.signDigest(privateKey, bytes)
    : rsa.signDigest(padding, hash, privateKey, bytes);
}

function verify(
  { padding, hash }: Scheme,
  publicKey: KeyObject,
  { bytes, isDigest }: Signed,
  signature: Buffer,
): boolean {
  if (!isDigest) return verifyMessage(hash, bytes, keyOptions(padding, publicKey), signature);
  return padding === "ECDSA"
    ? ecdsa.verifyDigest(publicKey, bytes, signature)
    : rsa.verifyDigest(padding, hash, publicKey, bytes, signature);
}

function given(input: Input, member: string, condition: string): Record<string, string> {
  const value = optionalText(input, member);
  return value === undefined ? {} : { [condition]: value };
}

export function signingOperations(ring: Keyring): Record<string, Operation> {
  const signingFacts = (input: Input): AccessRequest["context"] => ({
    ...given(input, "SigningAlgorithm", "kms:SigningAlgorithm"),
    "kms:MessageType": optionalText(input, "MessageType") ?? "RAW",
  });
  const macFacts = (input: Input): AccessRequest["context"] =>
    given(input, "MacAlgorithm", "kms:MacAlgorithm");
  const publicKeyOf = (key: Key) => createPublicKey(ring.privateKey(key));

  function mac(input: Input, call: { readonly operation: string; readonly time: number }) {
    const key = usableKey(ring, text(input, "KeyId"), "GENERATE_VERIFY_MAC", call.operation);
    const algorithm = algorithmOf(key, input, "MacAlgorithm", "GENERATE_VERIFY_MAC");
    const secret = ring.current(key, call.time).bytes;
    const message = blob(input, "Message", messageLimit);
    return {
      key,
      algorithm,
      code: createHmac(`sha${algorithm.slice(-3)}`, secret)
        .update(message)
        .digest(),
    };
  }

  return {
    Sign: operation<Input, unknown>({
      access: onKey(ring, "Sign", (input) => signingFacts(input) ?? {}),
      run(input) {
        const key = usableKey(ring, text(input, "KeyId"), "SIGN_VERIFY", "Sign");
        const algorithm = algorithmOf(key, input, "SigningAlgorithm", "SIGN_VERIFY");
        const scheme = schemeOf(algorithm);
        const signed = signedIn(input, scheme.hash);
        endDryRun(input);
        const signature = sign(scheme, ring.privateKey(key), signed);
        return { KeyId: key.arn, Signature: signature.toString("base64"), SigningAlgorithm: algorithm };
      },
    }),
    Verify: operation<Input, unknown>({
      access: onKey(ring, "Verify", (input) => signingFacts(input) ?? {}),
      run(input) {
        const key = usableKey(ring, text(input, "KeyId"), "SIGN_VERIFY", "Verify");
        const algorithm = algorithmOf(key, input, "SigningAlgorithm", "SIGN_VERIFY");
        const scheme = schemeOf(algorithm);
        const signed = signedIn(input, scheme.hash);
        const signature = blob(input, "Signature", 6144);
        endDryRun(input);
        if (!verify(scheme, publicKeyOf(key), signed, signature)) {
          throw new AwsError(
            "KMSInvalidSignatureException",
            "The signature is not one of this message by this key with this algorithm.",
          );
        }
        return { KeyId: key.arn, SignatureValid: true, SigningAlgorithm: algorithm };
      },
    }),
    GenerateMac: operation<Input, unknown>({
      access: onKey(ring, "GenerateMac", (input) => macFacts(input) ?? {}),
      run(input, call) {
        const { key, algorithm, code } = mac(input, call);
        endDryRun(input);
        return { KeyId: key.arn, Mac: code.toString("base64"), MacAlgorithm: algorithm };
      },
    }),
    VerifyMac: operation<Input, unknown>({
      access: onKey(ring, "VerifyMac", (input) => macFacts(input) ?? {}),
      run(input, call) {
        const { key, algorithm, code } = mac(input, call);
        const claimed = blob(input, "Mac", 6144);
        endDryRun(input);
        if (claimed.length !== code.length || !timingSafeEqual(claimed, code)) {
          throw new AwsError(
            "KMSInvalidMacException",
            "The code is not one of this message by this key with this algorithm.",
          );
        }
        return { KeyId: key.arn, MacValid: true, MacAlgorithm: algorithm };
      },
    }),
    GetPublicKey: operation<Input, unknown>({
      access: onKey(ring, "GetPublicKey"),
      run(input) {
        const key = ring.demand(text(input, "KeyId"));
        if (!isAsymmetric(key.spec)) {
          throw unsupported(`${key.arn} origin is AWS_KMS and its key spec ${key.spec} has no public key.`);
        }
        demandEnabled(key);
        const algorithms = keySpecs[key.spec]?.algorithms[key.usage] ?? [];
        const of = (usage: Key["usage"]) => (key.usage === usage ? algorithms : undefined);
        return {
          KeyId: key.arn,
          PublicKey: publicKeyOf(key).export({ format: "der", type: "spki" }).toString("base64"),
          CustomerMasterKeySpec: key.spec,
          KeySpec: key.spec,
          KeyUsage: key.usage,
          EncryptionAlgorithms: of("ENCRYPT_DECRYPT"),
          SigningAlgorithms: of("SIGN_VERIFY"),
          KeyAgreementAlgorithms: of("KEY_AGREEMENT"),
        };
      },
    }),
    DeriveSharedSecret: operation<Input, unknown>({
      access: onKey(ring, "DeriveSharedSecret", (input) =>
        given(input, "KeyAgreementAlgorithm", "kms:KeyAgreementAlgorithm"),
      ),
      run(input) {
        noEnclave(input);
        const key = usableKey(ring, text(input, "KeyId"), "KEY_AGREEMENT", "DeriveSharedSecret");
        const algorithm =
          oneOf(input, "KeyAgreementAlgorithm", ["ECDH"]) ?? text(input, "KeyAgreementAlgorithm");
        const peer = blob(input, "PublicKey", 8192);
        endDryRun(input);
        let secret: Buffer;
        try {
          secret = diffieHellman({
            privateKey: ring.privateKey(key),
            publicKey: createPublicKey({ key: peer, format: "der", type: "spki" }),
          });
        } catch {
          throw invalid(`The PublicKey must be one of ${key.spec}, as SPKI in DER.`);
        }
        return {
          KeyId: key.arn,
          SharedSecret: secret.toString("base64"),
          KeyAgreementAlgorithm: algorithm,
          KeyOrigin: "AWS_KMS",
        };
      },
    }),
  };
}
