import { createTopicsV7, describeConfigsV4 } from '@platformatic/kafka';
import { veltrixErrors } from '../../errors.ts';
import type { ClusterView, KafkaBrokers } from './kafka-brokers.ts';
import { answerIn, codeName, kafkaCode } from './kafka-codes.ts';

const createTimeoutMs = 10_000;
const topicResource = 2;

/** A topic as it has to be. */
export interface TopicPlan {
  readonly name: string;
  readonly partitions: number;
  readonly replication: number;
  readonly cleanup: 'delete' | 'compact';
  /** Settings that have to be so; those that are numbers, at least so. */
  readonly settings: Readonly<Record<string, string | number>>;
  /** Settings that a new topic gets, and that may be changed later. */
  readonly advice?: Readonly<Record<string, string | number>>;
}

/** A topic of a log: nothing goes but what `retainFrom` lets go of. */
export function logTopic(
  name: string,
  partitions: number,
  replication: number,
  minInSync: number,
  messageMaxBytes: number,
): TopicPlan {
  return {
    ...{ name, partitions, replication, cleanup: 'delete' },
    settings: {
      'unclean.leader.election.enable': 'false',
      'min.insync.replicas': minInSync,
      'max.message.bytes': messageMaxBytes,
      'compression.type': 'producer',
    },
    advice: { 'message.timestamp.type': 'LogAppendTime' },
  };
}

/**
 * Checks the topics that are there, and only if all of them are right makes the ones that are missing.
 * Throws `veltrix-kafka-partition-count`, `veltrix-kafka-under-replicated`, `veltrix-kafka-compacted`,
 * `veltrix-kafka-retention`, `veltrix-kafka-topic-setting`, and the client's errors.
 */
export async function ensureTopics(
  brokers: KafkaBrokers,
  plans: readonly TopicPlan[],
): Promise<ClusterView> {
  let view = await brokers.refresh();
  const existing = plans.filter(({ name }) => view.topics.has(name));
  await checkTopics(brokers, view, existing);
  const missing = plans.filter((plan) => !existing.includes(plan));
  if (missing.length > 0) {
    await createTopics(brokers, missing);
    // Another process may have been quicker, with other settings; and the brokers learn of it one by one.
    view = await visible(brokers, missing);
    await checkTopics(brokers, view, missing);
  }
  return view;
}

async function visible(brokers: KafkaBrokers, plans: readonly TopicPlan[]): Promise<ClusterView> {
  for (;;) {
    const view = await brokers.refresh();
    const ready = plans.every(({ name }) =>
      view.topics.get(name)?.partitions.every(({ leader }) => leader >= 0),
    );
    if (ready || brokers.closed) return view;
  }
}

async function createTopics(brokers: KafkaBrokers, plans: readonly TopicPlan[]): Promise<void> {
  type Answer = Awaited<ReturnType<typeof createTopicsV7.api.async>>;
  const request = plans.map(({ name, partitions, replication, cleanup, settings, advice }) => ({
    ...{ name, numPartitions: partitions, replicationFactor: replication, assignments: [] },
    configs: Object.entries({
      'cleanup.policy': cleanup,
      ...(cleanup === 'delete' && { 'retention.ms': -1, 'retention.bytes': -1 }),
      ...settings,
      ...advice,
    }).map(([setting, value]) => ({ name: setting, value: `${value}` })),
  }));
  const { topics } = await brokers
    .askAny<Answer>((connection, done) =>
      createTopicsV7.api(connection, request, createTimeoutMs, false, done),
    )
    .catch((error: unknown) => answerIn<Answer>(error));
  for (const { name, errorCode, errorMessage } of topics) {
    if (errorCode === kafkaCode.none || errorCode === kafkaCode.topicAlreadyExists) continue;
    const expected = plans.find((plan) => plan.name === name)?.replication ?? 0;
    const found = brokers.view.brokers.size;
    // With enough of them, one is only thought to be gone for a moment: waiting helps. So it does with none at all, as
    // one has just answered: a single broker that paused for longer than its session.
    if (errorCode === kafkaCode.invalidReplicationFactor && found > 0 && found < expected) {
      const details = { topic: name, what: 'the number of brokers is', found, expected };
      throw veltrixErrors.create('veltrix-kafka-under-replicated', details);
    }
    throw new Error(`topic ${name} cannot be made: ${codeName(errorCode)} ${errorMessage ?? ''}`);
  }
}

async function checkTopics(
  brokers: KafkaBrokers,
  view: ClusterView,
  plans: readonly TopicPlan[],
): Promise<void> {
  if (plans.length === 0) return;
  for (const plan of plans) checkPlaces(view, plan);
  const found = await readTopicSettings(
    brokers,
    plans.map(({ name }) => name),
  );
  for (const plan of plans) {
    checkSettings(plan, found.get(plan.name) ?? new Map());
  }
}

/** By topic, then by name; those of a topic that cannot be told are missing. */
export async function readTopicSettings(
  brokers: KafkaBrokers,
  names: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  type Answer = Awaited<ReturnType<typeof describeConfigsV4.api.async>>;
  const resources = names.map((resourceName) => {
    return { resourceType: topicResource, resourceName } as const;
  });
  const { results } = await brokers.askAny<Answer>((connection, done) =>
    describeConfigsV4.api(connection, resources, false, false, done),
  );
  return new Map(
    results.map(({ resourceName, configs }) => [
      resourceName,
      new Map(configs.map(({ name, value }) => [name, value ?? ''])),
    ]),
  );
}

function checkPlaces(view: ClusterView, { name: topic, partitions, replication }: TopicPlan): void {
  const places = view.topics.get(topic)?.partitions ?? [];
  if (places.length !== partitions) {
    const details = { topic, found: places.length, expected: partitions };
    throw veltrixErrors.create('veltrix-kafka-partition-count', details);
  }
  const found = Math.min(...places.map(({ replicas }) => replicas));
  if (found >= replication) return;
  const details = { topic, what: 'its replication factor is', found, expected: replication };
  throw veltrixErrors.create('veltrix-kafka-under-replicated', details);
}

function checkSettings(plan: TopicPlan, found: ReadonlyMap<string, string>): void {
  const { name: topic, cleanup, settings } = plan;
  const policy = found.get('cleanup.policy') ?? '';
  if (cleanup === 'delete') {
    if (policy !== 'delete') {
      throw veltrixErrors.create('veltrix-kafka-compacted', { topic, found: policy });
    }
    for (const setting of ['retention.ms', 'retention.bytes']) {
      const value = found.get(setting) ?? '';
      if (value === '-1') continue;
      throw veltrixErrors.create('veltrix-kafka-retention', { topic, setting, found: value });
    }
  } else if (policy !== 'compact') {
    const details = { topic, setting: 'cleanup.policy', found: policy, expected: 'compact' };
    throw veltrixErrors.create('veltrix-kafka-topic-setting', details);
  }
  for (const [setting, expected] of Object.entries(settings)) {
    const value = found.get(setting) ?? '';
    const isRight = typeof expected === 'number' ? Number(value) >= expected : value === expected;
    if (isRight) continue;
    const bound = typeof expected === 'number' ? `at least ${expected}` : expected;
    const details = { topic, setting, found: value, expected: bound };
    throw veltrixErrors.create('veltrix-kafka-topic-setting', details);
  }
}
