import { describeConfigsV4 } from '@platformatic/kafka';
import type { LogIdentity } from '../log.ts';
import type { LogBounds } from '../shared-log.ts';
import { type ClusterView, KafkaBrokers, refusalOf } from './kafka-brokers.ts';
import { codeName, kafkaCode } from './kafka-codes.ts';
import { readIdentity } from './kafka-identity.ts';
import { readBounds } from './kafka-offsets.ts';
import { checkedLimits, type KafkaLogOptions } from './kafka-shared-log.ts';
import { readTopicSettings, type TopicPlan } from './kafka-topics.ts';
import { checkpointTopicPlan, logTopicPlans } from './log-topics.ts';
import { untilReachable } from './until-reachable.ts';

const brokerResource = 4;
/** Each partition is two questions; brokers have others to answer. */
const questionsAtOnce = 16;

export interface SurveyedTopic {
  readonly plan: TopicPlan;
  /** Of each partition; empty where there is no such topic. */
  readonly places: ClusterView['topics'] extends ReadonlyMap<string, infer Place>
    ? Place extends { readonly partitions: infer Partitions }
      ? Partitions
      : never
    : never;
  readonly settings: Readonly<Record<string, string>>;
}

/**
 * Looks at what a log has, or would get, on Kafka. Changes nothing. Tries for `requestTimeoutMs`, and then rejects with
 * `veltrix-kafka-unreachable`, `-not-kafka`, `-credentials`, `-too-old`.
 */
export class KafkaSurvey {
  /** Of an append, in milliseconds. */
  readonly appendTimeoutMs: number;
  /** What the largest record takes in a batch of its own. */
  readonly messageMaxBytes: number;
  readonly #options: KafkaLogOptions;
  readonly #plans: readonly TopicPlan[];
  readonly #brokers: KafkaBrokers;
  readonly #refusal: Promise<Error | undefined>;

  constructor(options: KafkaLogOptions) {
    const limits = checkedLimits(options);
    const logPlans = logTopicPlans({ ...options, ...limits });
    this.appendTimeoutMs = limits.appendTimeoutMs;
    this.messageMaxBytes = Number(logPlans[0]!.settings['max.message.bytes']);
    this.#options = options;
    this.#plans = [...logPlans, checkpointTopicPlan(options)];
    this.#brokers = new KafkaBrokers(
      options,
      this.#plans.map(({ name }) => name),
    );
    // Another program at the address would keep a client waiting for longer than an operator does.
    this.#refusal = options.tls
      ? Promise.resolve(undefined)
      : refusalOf(new Error('nothing was asked yet'), options);
  }

  close(): void {
    this.#brokers.close();
  }

  /** All settings of every broker, by its number. */
  brokers(): Promise<ReadonlyMap<number, Readonly<Record<string, string>>>> {
    return this.#ask(async ({ brokers }) => {
      const nodes = [...brokers.keys()].sort((one, other) => one - other);
      const found = await Promise.all(nodes.map((node) => this.#brokerSettings(node)));
      return new Map(nodes.map((node, index) => [node, found[index]!]));
    });
  }

  topics(): Promise<readonly SurveyedTopic[]> {
    return this.#ask(async ({ topics }) => {
      const present = this.#plans.map(({ name }) => name).filter((name) => topics.has(name));
      const none: Awaited<ReturnType<typeof readTopicSettings>> = new Map();
      const found = present.length === 0 ? none : await readTopicSettings(this.#brokers, present);
      return this.#plans.map((plan) => ({
        plan,
        places: topics.get(plan.name)?.partitions ?? [],
        settings: Object.fromEntries(found.get(plan.name) ?? []),
      }));
    });
  }

  /** Which log it is, and how long the events of each partition are; undefined and none while it is not made. */
  log(): Promise<{
    readonly identity: LogIdentity | undefined;
    readonly events: readonly LogBounds[];
  }> {
    const { prefix } = this.#options;
    return this.#ask(async ({ topics }) => {
      const [topic, eventTopic] = [`${prefix}.commands`, `${prefix}.events`];
      const topicId = topics.get(topic)?.topicId;
      const count = topics.get(eventTopic)?.partitions.length ?? 0;
      if (topicId === undefined) return { identity: undefined, events: [] };
      const place = { topic, topicId, partition: 0, stream: 'commands' } as const;
      const identity = await readIdentity(this.#brokers, place);
      const events: LogBounds[] = [];
      for (let from = 0; from < count; from += questionsAtOnce) {
        const some = Array.from({ length: Math.min(questionsAtOnce, count - from) }, (_, index) =>
          readBounds(this.#brokers, eventTopic, from + index),
        );
        events.push(...(await Promise.all(some)));
      }
      return { identity, events };
    });
  }

  #ask<Answer>(ask: (view: ClusterView) => Promise<Answer>): Promise<Answer> {
    return untilReachable(this.#options, this.#brokers.requestTimeoutMs, async () => {
      const refusal = await this.#refusal;
      if (refusal) throw refusal;
      await this.#brokers.check();
      return ask(await this.#brokers.refresh());
    });
  }

  async #brokerSettings(node: number): Promise<Readonly<Record<string, string>>> {
    type Answer = Awaited<ReturnType<typeof describeConfigsV4.api.async>>;
    const resources = [{ resourceType: brokerResource, resourceName: `${node}` } as const];
    const { results } = await this.#brokers.ask<Answer>(node, 'control', (connection, done) =>
      describeConfigsV4.api(connection, resources, false, false, done),
    );
    const [result] = results;
    if (result === undefined || result.errorCode !== kafkaCode.none) {
      throw new Error(`broker ${node} does not tell: ${codeName(result?.errorCode ?? -1)}`);
    }
    return Object.fromEntries(result.configs.map(({ name, value }) => [name, value ?? '']));
  }
}
