import type { Env } from "bowline";

interface Job {
  readonly unload: string;
}

export default {
  async queue(batch, env): Promise<void> {
    for (const { body } of batch.messages) {
      console.log(`unloading ${body.unload}`);
      await env.Sessions.put(`unloaded-${body.unload}`, "yes");
    }
  },
} satisfies ExportedHandler<Env<"JobsSubscriber">, Job>;
