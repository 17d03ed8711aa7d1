/** What each access key is for. */
export type KeyRing = Readonly<
  Record<string, { readonly secret: string; readonly buckets: readonly string[] }>
>;
