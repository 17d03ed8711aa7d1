/** What a consumer asks to be built. */
export interface BuildRequest {
  readonly consumer: string;
  readonly handler: string;
  readonly runtime: string;
  readonly nodejs?: { readonly minify?: boolean; readonly external?: readonly string[] };
  /** Of a Worker: the classes of its Durable Objects, which it has to export. */
  readonly worker?: { readonly classes: readonly string[] };
}
