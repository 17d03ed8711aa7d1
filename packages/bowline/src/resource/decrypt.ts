/** The text of an encrypted file: AES-256-GCM, a nonce of zeros, the tag at the end. */
export const decrypt = (file: string, key: string): string => {
  // Asked for here, and not imported: only this path needs them, and not every runtime has them.
  const { getBuiltinModule } = process;
  const data = getBuiltinModule("fs").readFileSync(file);
  const cipher = getBuiltinModule("crypto")
    .createDecipheriv("aes-256-gcm", Buffer.from(key, "base64"), Buffer.alloc(12), { authTagLength: 16 })
    .setAuthTag(data.subarray(-16));
  return `${cipher.update(data.subarray(0, -16))}${cipher.final()}`;
};
