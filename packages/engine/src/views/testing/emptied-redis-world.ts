import { FaultProxy } from '@hunt/services';
import { openRedisClient, type RedisClient } from '../../redis/redis-client.ts';
import type { OwnRedis } from '../../redis/testing/own-redis.ts';
import { RedisViews } from '../redis/redis-views.ts';
import { ViewsFeed } from '../views-feed.ts';
import { NaiveStandings } from './naive-standings.ts';
import { RecordedPartition } from './recorded-partition.ts';
import { SeededNumbers } from './seeded-numbers.ts';
import { writtenDecisions } from './written-decisions.ts';

const partitionCount = 2;
const actions = 25;
const lookEveryMs = 20;

interface Writer {
  readonly views: RedisViews;
  readonly feed: ViewsFeed;
  readonly follows: Set<number>;
}

/**
 * Two processes bring the standings of two partitions and two hunts into one Redis. As a seed says, records are decided,
 * Redis is emptied, partitions go from one process to the other or are followed by both, a process ends at once and
 * another one takes its place, and what a process sends and is answered is held up, or its connection is cut.
 */
export class EmptiedRedisWorld {
  readonly hunts = ['00000000000000a1', '00000000000000a2'];
  /** What stopped some views, or had them begin a partition again. */
  readonly failures: Error[] = [];
  /** What was done, in order. */
  told = '';
  readonly #redis: OwnRedis;
  readonly #seed: number;
  readonly #numbers: SeededNumbers;
  readonly #logs = Array.from({ length: partitionCount }, () => new RecordedPartition());
  readonly #decided: readonly (readonly NaiveStandings[])[];
  readonly #writers: Writer[] = [];
  /** Of each writer. */
  readonly #links: FaultProxy[] = [];
  #client!: RedisClient;

  constructor(redis: OwnRedis, seed: number) {
    this.#redis = redis;
    this.#seed = seed;
    this.#numbers = new SeededNumbers(seed * 7_919);
    this.#decided = this.#logs.map((_log, partition) =>
      this.hunts.map(
        (hunt, index) =>
          new NaiveStandings(hunt, 'last-score', 1_000 * seed + 10 * partition + index),
      ),
    );
  }

  async play(): Promise<void> {
    this.#client = await openRedisClient({ addresses: [this.#redis.address] }, () => {});
    await new Promise((resolve) => this.#client.once('ready', resolve));
    for (let writer = 0; writer < 2; writer++) {
      this.#links.push(await FaultProxy.listen(this.#redis.address));
      this.#writers.push(await this.#open(writer));
    }
    for (const partition of this.#logs.keys())
      this.#follow(this.#writers[partition % 2]!, partition);
    for (let action = 0; action < actions; action++) {
      await this.#act(this.#numbers.below(14));
      if (this.#numbers.below(2) === 0) await this.#pause(this.#numbers.below(6));
    }
  }

  /** Has all partitions followed, and something decided in each. Returns views to be read. */
  whole(): RedisViews {
    for (const link of this.#links) link.heal();
    for (const partition of this.#logs.keys()) {
      this.#follow(this.#writers[0]!, partition);
      this.#logs[partition]!.append(writtenDecisions([{ events: [] }]));
    }
    return this.#writers[0]!.views;
  }

  /** Everything that was decided. */
  each(visit: (partition: number, offset: number, record: Uint8Array) => void): void {
    for (const [partition, log] of this.#logs.entries()) {
      log.each((offset, record) => visit(partition, offset, record));
    }
  }

  async close(): Promise<void> {
    for (const { views } of this.#writers) await views.close();
    for (const link of this.#links) await link.close();
    this.#client.disconnect();
  }

  async #act(kind: number): Promise<void> {
    const partition = this.#numbers.below(partitionCount);
    const at = this.#numbers.below(2);
    const [writer, other] = [this.#writers[at]!, this.#writers[1 - at]!];
    if (kind === 0) {
      this.told += ' emptied;';
      await this.#client.call('flushall');
    } else if (kind === 1) {
      this.told += ` ${at} ends;`;
      this.#links[at]!.heal();
      this.#writers[at] = await this.#open(at);
      await writer.views.close();
      for (const followed of writer.follows) this.#follow(this.#writers[at]!, followed);
    } else if (kind === 2) {
      this.told += ` ${partition} to ${at};`;
      other.follows.delete(partition);
      other.feed.stop(partition);
      this.#follow(writer, partition);
    } else if (kind === 3) {
      this.told += ` ${partition} also to ${at};`;
      this.#follow(writer, partition);
    } else if (kind === 4) {
      this.told += ` ${at} is held up;`;
      this.#links[at]!.hold(
        ...([[], ['to-server'], ['to-client']] as const)[this.#numbers.below(3)]!,
      );
    } else if (kind === 5) {
      this.told += ` ${at} goes on;`;
      this.#links[at]!.heal();
    } else if (kind === 6) {
      this.told += ` ${at} is cut;`;
      this.#links[at]!.cut();
      this.#links[at]!.heal();
    } else this.#decide(partition);
  }

  /** A few records; many say nothing about standings. */
  #decide(partition: number): void {
    const count = 1 + this.#numbers.below(4);
    for (let record = 0; record < count; record++) {
      const hunt = this.#numbers.below(2 * this.hunts.length);
      const events = this.#decided[partition]![hunt]?.nextEvents() ?? [];
      this.told += ` ${partition}:${events.length === 0 ? '-' : hunt}`;
      this.#logs[partition]!.append(writtenDecisions([{ events }]));
    }
    this.told += ';';
  }

  #follow(writer: Writer, partition: number): void {
    writer.follows.add(partition);
    writer.feed.start(partition).catch((error: Error) => this.failures.push(error));
  }

  async #open(at: number): Promise<Writer> {
    const views = await RedisViews.open({
      servers: { addresses: [this.#links[at]!.address] },
      identity: { logId: 'e'.repeat(32), partitionCount },
      keyPrefix: `emptied-${this.#seed}:`,
      lookEveryMs,
      onFailure: (error) => this.failures.push(error),
      onRepair: ({ error }) => this.failures.push(error),
    });
    const feed = new ViewsFeed({
      views,
      follow: (partition, from, follower) => this.#logs[partition]!.follow(from, follower),
      // Those that ended are given records for a moment.
      onEnded: (_partition, error) => {
        if (!error.message.includes('lets go of it')) this.failures.push(error);
      },
    });
    return { views, feed, follows: new Set() };
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }
}
