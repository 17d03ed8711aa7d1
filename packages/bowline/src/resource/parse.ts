/**
 * The JSON object in a text, or in the file it names when there is a key, frozen all the way down.
 * The error names where it came from and never repeats it: it may be a secret.
 */
export const parse = (source: string, text: string, key?: string): object => {
  try {
    const json = key ? decrypt(text, key) : text;
    if (/^\s*{/.test(json)) return JSON.parse(json, (_key, inner) => Object.freeze(inner));
  } catch {}
  throw Error(`Cannot read ${source}: missing, damaged or not a JSON object. Deploy again.`);
};

/** The text of an encrypted file: AES-256-GCM, a nonce of zeros, the tag at the end. */
const decrypt = (file: string, key: string): string => {
  // Asked for here, and not imported: only this path needs them, and not every runtime has them.
  const { getBuiltinModule } = process;
  const data = getBuiltinModule("fs").readFileSync(file);
  const cipher = getBuiltinModule("crypto")
    .createDecipheriv("aes-256-gcm", Buffer.from(key, "base64"), Buffer.alloc(12), { authTagLength: 16 })
    .setAuthTag(data.subarray(-16));
  return `${cipher.update(data.subarray(0, -16))}${cipher.final()}`;
};
