/** What a consumer asks to be built. */
export interface BuildRequest {
  readonly consumer: string;
  readonly handler: string;
  readonly runtime: string;
  readonly nodejs?: { readonly minify?: boolean; readonly external?: readonly string[] };
}
