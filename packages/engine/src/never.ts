/** A signal that is never given. */
export const NEVER: AbortSignal = new AbortController().signal;
