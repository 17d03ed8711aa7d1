/** Calls back into the program: its transforms and hooks. Within the process directly, else over gRPC. */

import type { Callback } from "@pulumi/pulumi/proto/callback_pb.js";
import type { Sdk, SdkStore } from "./sdk.ts";

export interface Callbacks {
  invoke(callback: Callback, request: { serializeBinary(): Uint8Array }): Promise<Uint8Array>;
  close(): void;
}

interface CallbacksClient {
  invoke(
    request: unknown,
    done: (error: { details?: string; message: string } | null, response: unknown) => void,
  ): void;
  close(): void;
}

export function createCallbacks(sdk: Sdk, store: SdkStore | undefined): Callbacks {
  const clients = new Map<string, CallbacksClient>();

  function client(target: string): CallbacksClient {
    let open = clients.get(target);
    if (!open) {
      const { CallbacksClient } = sdk.require("./proto/callback_grpc_pb.js") as {
        CallbacksClient: new (target: string, credentials: unknown, options: object) => CallbacksClient;
      };
      const limit = { "grpc.max_receive_message_length": 400 << 20 };
      open = new CallbacksClient(target, sdk.grpc().credentials.createInsecure(), limit);
      clients.set(target, open);
    }
    return open;
  }

  return {
    async invoke(callback, request) {
      const bytes = request.serializeBinary();
      const local = store?.callbacks?._callbacks?.get(callback.getToken());
      if (local) return (await local(bytes)).serializeBinary();
      const message = new sdk.callback.CallbackInvokeRequest();
      message.setToken(callback.getToken());
      message.setRequest(bytes);
      return new Promise((resolve, reject) => {
        client(callback.getTarget()).invoke(message, (error, response) => {
          if (error) reject(new Error(error.details ?? error.message));
          else resolve((response as { getResponse_asU8(): Uint8Array }).getResponse_asU8());
        });
      });
    },
    close() {
      for (const open of clients.values()) open.close();
      clients.clear();
    },
  };
}
