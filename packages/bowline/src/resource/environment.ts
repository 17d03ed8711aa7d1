/** Where links are read from: `process.env`, or the `env` of a Worker, whose bindings are objects. */
export type Environment = Readonly<Record<string, string | object | undefined>>;

interface Globals {
  /** Links that a bundle carries inline. The weakest source. */
  readonly $SST_LINKS?: object;
  /** What `resource.enc` holds, decrypted by whoever started this process. The strongest source. */
  readonly SST_KEY_FILE_DATA?: object;
  /** Set by `bowline/testing`: the links of the test that is running, if one is. */
  $BOWLINE_TEST?: () => object | undefined;
  readonly process?: { readonly env: Environment };
}

/** Read through `globalThis`, so that no bundler rewrites `process.env` and none misses `process`. */
export const globals: Globals = globalThis;
