/** Why a local cloud did not start. */
export class StartError extends Error {
  override readonly name = "StartError";
  readonly code: "port-in-use" | "folder-in-use";

  constructor(code: StartError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
