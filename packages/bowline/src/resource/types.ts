/** `T` as the SDK hands it out: frozen, all the way down. */
export type Frozen<T> = T extends (...args: never) => unknown ? T : { readonly [K in keyof T]: Frozen<T[K]> };
