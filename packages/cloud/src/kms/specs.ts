/** The kinds of keys KMS has: what each is for, with which algorithms, and how its material is made. */
import { generateKeyPair, randomBytes } from "node:crypto";
import { promisify } from "node:util";

export type KeyUsage = "ENCRYPT_DECRYPT" | "SIGN_VERIFY" | "GENERATE_VERIFY_MAC" | "KEY_AGREEMENT";

export interface KeySpec {
  /** The usages it may be made for, each with its algorithms. */
  readonly algorithms: Readonly<Partial<Record<KeyUsage, readonly string[]>>>;
  /** Raw bytes of a secret key; a private key in PKCS #8, DER. */
  generate(): Promise<Buffer>;
}

const generatePair = promisify(generateKeyPair);
const der = { type: "pkcs8", format: "der" } as const;

function secret(length: number, algorithms: KeySpec["algorithms"]): KeySpec {
  return { algorithms, generate: async () => randomBytes(length) };
}

const rsaSigning = ["PSS", "PKCS1_V1_5"].flatMap((padding) =>
  [256, 384, 512].map((bits) => `RSASSA_${padding}_SHA_${bits}`),
);

function rsa(modulusLength: number): KeySpec {
  return {
    algorithms: {
      ENCRYPT_DECRYPT: ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"],
      SIGN_VERIFY: rsaSigning,
    },
    generate: async () => (await generatePair("rsa", { modulusLength })).privateKey.export(der),
  };
}

function ecc(namedCurve: string, algorithms: KeySpec["algorithms"]): KeySpec {
  return {
    algorithms,
    generate: async () => (await generatePair("ec", { namedCurve })).privateKey.export(der),
  };
}

export const keySpecs: Readonly<Record<string, KeySpec>> = {
  SYMMETRIC_DEFAULT: secret(32, { ENCRYPT_DECRYPT: ["SYMMETRIC_DEFAULT"] }),
  HMAC_224: secret(28, { GENERATE_VERIFY_MAC: ["HMAC_SHA_224"] }),
  HMAC_256: secret(32, { GENERATE_VERIFY_MAC: ["HMAC_SHA_256"] }),
  HMAC_384: secret(48, { GENERATE_VERIFY_MAC: ["HMAC_SHA_384"] }),
  HMAC_512: secret(64, { GENERATE_VERIFY_MAC: ["HMAC_SHA_512"] }),
  RSA_2048: rsa(2048),
  RSA_3072: rsa(3072),
  RSA_4096: rsa(4096),
  ECC_NIST_P256: ecc("P-256", { SIGN_VERIFY: ["ECDSA_SHA_256"], KEY_AGREEMENT: ["ECDH"] }),
  ECC_NIST_P384: ecc("P-384", { SIGN_VERIFY: ["ECDSA_SHA_384"], KEY_AGREEMENT: ["ECDH"] }),
  ECC_NIST_P521: ecc("P-521", { SIGN_VERIFY: ["ECDSA_SHA_512"], KEY_AGREEMENT: ["ECDH"] }),
  ECC_SECG_P256K1: ecc("secp256k1", { SIGN_VERIFY: ["ECDSA_SHA_256"] }),
};

/** Public keys are had from private ones only. */
export function isAsymmetric(spec: string): boolean {
  return spec.startsWith("RSA_") || spec.startsWith("ECC_");
}
