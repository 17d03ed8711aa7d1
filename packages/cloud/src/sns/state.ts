/** What the operations of SNS share. */
import type { Hub } from "../service.ts";
import { type GroupCommit, groupCommit } from "../store/group-commit.ts";
import { type Outbox, outbox } from "../store/outbox.ts";
import { delivery } from "./delivery.ts";
import { notFound } from "./errors.ts";
import type { Publication, Topic } from "./model.ts";
import { type SnsStore, snsStore } from "./store.ts";

export interface SnsState {
  readonly hub: Hub;
  readonly store: SnsStore;
  readonly commit: GroupCommit;
  readonly outbox: Outbox<Publication>;
  topic(arn: string): Topic;
}

export function snsState(hub: Hub): SnsState {
  const database = hub.database("sns");
  const store = snsStore(database);
  const commit = groupCommit(database);
  return {
    hub,
    store,
    commit,
    outbox: outbox(database, commit, delivery(hub, store)),
    topic(arn) {
      const topic = store.topic(arn);
      if (!topic) throw notFound("Topic");
      return topic;
    },
  };
}
