/** Topics and subscriptions: kept in tables, and whole in memory, since every publication needs them. */
import type { DatabaseSync } from "node:sqlite";
import { subscriptionSettings, topicPolicy } from "./attributes.ts";
import type { Subscription, SubscriptionProtocol, Topic } from "./model.ts";

const schema = `
CREATE TABLE IF NOT EXISTS topic (
  arn TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  attributes TEXT NOT NULL,
  tags TEXT NOT NULL,
  created INTEGER NOT NULL,
  deleted INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS subscription (
  arn TEXT PRIMARY KEY,
  topic TEXT NOT NULL,
  protocol TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  owner TEXT NOT NULL,
  principal TEXT NOT NULL,
  token TEXT,
  authenticated INTEGER NOT NULL,
  attributes TEXT NOT NULL
);
`;

interface TopicRow {
  arn: string;
  name: string;
  attributes: string;
  tags: string;
  created: number;
  deleted: number;
}

interface SubscriptionRow {
  arn: string;
  topic: string;
  protocol: SubscriptionProtocol;
  endpoint: string;
  owner: string;
  principal: string;
  token: string | null;
  authenticated: number;
  attributes: string;
}

export type SnsStore = ReturnType<typeof snsStore>;

export function snsStore(database: DatabaseSync) {
  database.exec(schema);
  const putTopic = database.prepare(
    "INSERT OR REPLACE INTO topic (arn, name, attributes, tags, created, deleted) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const removeTopic = database.prepare("DELETE FROM topic WHERE arn = ?");
  const putSubscription = database.prepare(
    `INSERT OR REPLACE INTO subscription (arn, topic, protocol, endpoint, owner, principal, token, authenticated,
       attributes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const removeSubscription = database.prepare("DELETE FROM subscription WHERE arn = ?");

  const topics = new Map<string, Topic>();
  const subscriptions = new Map<string, Subscription>();
  const byTopic = new Map<string, Map<string, Subscription>>();

  function remember(subscription: Subscription): void {
    subscriptions.set(subscription.arn, subscription);
    const siblings = byTopic.get(subscription.topicArn) ?? new Map<string, Subscription>();
    siblings.set(subscription.arn, subscription);
    byTopic.set(subscription.topicArn, siblings);
  }

  for (const row of database.prepare("SELECT * FROM topic").all() as unknown as TopicRow[]) {
    const attributes = JSON.parse(row.attributes) as Record<string, string>;
    topics.set(row.arn, {
      ...row,
      attributes,
      fifo: attributes.FifoTopic === "true",
      policy: attributes.Policy ? topicPolicy(attributes.Policy) : undefined,
      tags: JSON.parse(row.tags) as Record<string, string>,
    });
  }
  const rows = database.prepare("SELECT * FROM subscription ORDER BY rowid").all();
  for (const row of rows as unknown as SubscriptionRow[]) {
    const attributes = JSON.parse(row.attributes) as Record<string, string>;
    remember({
      arn: row.arn,
      topicArn: row.topic,
      protocol: row.protocol,
      endpoint: row.endpoint,
      owner: row.owner,
      principal: row.principal,
      token: row.token ?? undefined,
      authenticated: row.authenticated === 1,
      attributes,
      settings: subscriptionSettings(attributes, row.protocol),
    });
  }

  return {
    topic: (arn: string): Topic | undefined => topics.get(arn),
    topics: (): Topic[] => [...topics.values()],
    subscription: (arn: string): Subscription | undefined => subscriptions.get(arn),
    subscriptions: (): Subscription[] => [...subscriptions.values()],
    subscriptionsOf: (topicArn: string): Iterable<Subscription> => byTopic.get(topicArn)?.values() ?? [],
    /** Writes a new or changed topic. */
    saveTopic(topic: Topic): void {
      const { attributes } = topic;
      topic.policy = attributes.Policy ? topicPolicy(attributes.Policy) : undefined;
      topics.set(topic.arn, topic);
      putTopic.run(
        topic.arn,
        topic.name,
        JSON.stringify(attributes),
        JSON.stringify(topic.tags),
        topic.created,
        topic.deleted,
      );
    },
    removeTopic(topic: Topic): void {
      for (const arn of byTopic.get(topic.arn)?.keys() ?? []) {
        subscriptions.delete(arn);
        removeSubscription.run(arn);
      }
      byTopic.delete(topic.arn);
      topics.delete(topic.arn);
      removeTopic.run(topic.arn);
    },
    /** Writes a new or changed subscription. */
    saveSubscription(subscription: Subscription): void {
      remember(subscription);
      putSubscription.run(
        subscription.arn,
        subscription.topicArn,
        subscription.protocol,
        subscription.endpoint,
        subscription.owner,
        subscription.principal,
        subscription.token ?? null,
        subscription.authenticated ? 1 : 0,
        JSON.stringify(subscription.attributes),
      );
    },
    removeSubscription(subscription: Subscription): void {
      subscriptions.delete(subscription.arn);
      byTopic.get(subscription.topicArn)?.delete(subscription.arn);
      removeSubscription.run(subscription.arn);
    },
  };
}
