import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { openEmbeddedStateStore } from '../../checkpoint/embedded-state-store.ts';
import type { LoadedCheckpoint, StateStore } from '../../checkpoint/state-store.ts';
import type { LogIdentity } from '../log.ts';
import { SpareBuffers } from './batch-builder.ts';
import { type KafkaAccess, KafkaBrokers } from './kafka-brokers.ts';
import { KafkaCheckpointDisk } from './kafka-checkpoint-disk.ts';
import { KeyWriter, pieceBatchMaxBytes, readLatest } from './kafka-checkpoint-topic.ts';
import { labelOf } from './kafka-label.ts';
import { KafkaProducer } from './kafka-producer.ts';
import { ensureTopics } from './kafka-topics.ts';
import { checkpointTopicPlan } from './log-topics.ts';
import { untilReachable } from './until-reachable.ts';

export interface KafkaStateStoresOptions extends KafkaAccess {
  /** `kafka.prefix`: the topic is `<prefix>.checkpoints`, compacted, with as many partitions as the log. */
  readonly prefix: string;
  /** Of the log whose state it is. */
  readonly identity: LogIdentity;
  /** A generation holds at most so many checkpoints, the full one included. At least 1. */
  readonly fullEvery: number;
  /** `kafka.replication`. Default 3. */
  readonly replication?: number;
  /** `kafka.minInSync`. Default 2, at most `replication`. */
  readonly minInSync?: number;
  /** `kafka.openTimeoutMs`: how long to wait for the brokers. Default 60,000. */
  readonly openTimeoutMs?: number;
  /** A checkpoint of which a part is not answered for so long fails. Default 30,000. */
  readonly writeTimeoutMs?: number;
}

/** Kept for batches to come, of all partitions together. */
const spareBuffers = 2;

export interface KafkaStateStores {
  /**
   * Reads what is kept of a partition. The bytes are held until the loaded checkpoint was visited: a
   * store is loaded once. Rejects with `veltrix-kafka-unreachable`.
   */
  open(partition: number): Promise<StateStore>;
  close(): void;
}

/**
 * Checkpoints in the topic `<prefix>.checkpoints`, which is made, or checked as those of a log are.
 * The same files as on a disk, in pieces, each piece a record; replaced ones get tombstones.
 */
export async function openKafkaStateStores(
  options: KafkaStateStoresOptions,
): Promise<KafkaStateStores> {
  const { identity, openTimeoutMs = 60_000 } = options;
  const { partitionCount } = identity;
  const plan = checkpointTopicPlan({ ...options, partitionCount });
  const topic = plan.name;
  const brokers = new KafkaBrokers(options, [topic]);
  try {
    await untilReachable(options, openTimeoutMs, async () => {
      await brokers.check();
      await ensureTopics(brokers, [plan]);
    });
  } catch (error) {
    brokers.close();
    throw error;
  }
  const spares = new SpareBuffers(spareBuffers, 2 * pieceBatchMaxBytes);
  return {
    open: (partition) => openStore(options, brokers, spares, topic, partition),
    close: () => brokers.close(),
  };
}

async function openStore(
  options: KafkaStateStoresOptions,
  brokers: KafkaBrokers,
  spares: SpareBuffers,
  topic: string,
  partition: number,
): Promise<StateStore> {
  const { identity, fullEvery, openTimeoutMs = 60_000, writeTimeoutMs = 30_000 } = options;
  const { topicId, latest } = await untilReachable(options, openTimeoutMs, async () => {
    const view = await brokers.refresh();
    const topicId = view.topics.get(topic)?.topicId ?? '';
    return { topicId, latest: await readLatest(brokers, topic, topicId, partition) };
  });
  const label = labelOf(identity, partition);
  const producer = new KafkaProducer({ brokers, topic, topicId, partition }, partition);
  const writer = new KeyWriter(producer, label, writeTimeoutMs, spares);
  const disk = new KafkaCheckpointDisk(writer, randomBytes(4).toString('hex'), latest);
  const owner = { logId: identity.logId, partition };
  const store = openEmbeddedStateStore({ disk, directory: '/', fullEvery, owner });
  return new KafkaStateStore(store, disk);
}

/** The store of files, which lets go of the bytes once they were visited. */
class KafkaStateStore implements StateStore {
  readonly #store: StateStore;
  readonly #disk: KafkaCheckpointDisk;
  #isLoaded = false;

  constructor(store: StateStore, disk: KafkaCheckpointDisk) {
    this.#store = store;
    this.#disk = disk;
  }

  load(...args: Parameters<StateStore['load']>): LoadedCheckpoint | undefined {
    assert(!this.#isLoaded, 'a store is loaded once');
    this.#isLoaded = true;
    const loaded = this.#store.load(...args);
    if (!loaded) {
      this.#disk.letGo();
      return undefined;
    }
    return {
      header: loaded.header,
      pages: (visit) => {
        loaded.pages(visit);
        this.#disk.letGo();
      },
    };
  }

  next(): 'full' | 'increment' {
    return this.#store.next();
  }

  begin(...args: Parameters<StateStore['begin']>): ReturnType<StateStore['begin']> {
    return this.#store.begin(...args);
  }

  oldestEventOffset(): number {
    return this.#store.oldestEventOffset();
  }

  close(): void {
    this.#store.close();
    this.#disk.letGo();
  }
}
