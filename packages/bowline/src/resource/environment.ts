/** Where links are read from: `process.env`, or the `env` of a Worker. */
export type Environment = Readonly<Record<string, unknown>>;

interface Globals {
  /** Links that a bundle carries inline. The weakest source. */
  readonly $SST_LINKS?: Environment;
  /** What `resource.enc` holds, decrypted by whoever started this process. The strongest source. */
  readonly SST_KEY_FILE_DATA?: Environment;
  /** Set by `bowline/testing`: the links of the test that is running, if one is. */
  $BOWLINE_TEST?: () => object | undefined;
  readonly process?: NodeJS.Process;
}

/** Read through `globalThis`, so that no bundler rewrites `process.env` and none misses `process`. */
export const globals: Globals = globalThis;
