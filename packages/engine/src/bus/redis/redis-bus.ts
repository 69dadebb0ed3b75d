import { Buffer } from 'node:buffer';
import { engineErrors } from '../../errors.ts';
import { openRedisClient, type RedisClient, type RedisServers } from '../../redis/redis-client.ts';
import type { Bus, DecidedListener } from '../bus.ts';

export interface RedisBusOptions {
  readonly servers: RedisServers;
  /** Of the log whose decisions these are: those of another one are never heard. */
  readonly logId: string;
  readonly partitionCount: number;
  /** Before the channels' names. Default `hunt:`. */
  readonly keyPrefix?: string;
  /** Bytes on their way to Redis beyond which records are let go. Default 8 MiB. */
  readonly publishMaxBytes?: number;
  /** Called with what a listener threw, and the first failure of each outage of Redis. */
  readonly onError: (error: unknown) => void;
}

const defaultPrefix = 'hunt:';
const defaultPublishMaxBytes = 8 << 20;
/** Before a record: u32 partition, u32 zero, f64 offset, little endian. */
const headerBytes = 16;

/**
 * A bus over Redis pub/sub: whoever publishes reaches the listeners of all processes, its own too. Each
 * partition has a sharded channel: in a cluster a plain one goes through any node and loses its order.
 * Publishing never waits: while Redis is gone or slow, records are let go and counted.
 */
export class RedisBus implements Bus {
  readonly #publisher: RedisClient;
  readonly #subscriber: RedisClient;
  readonly #channels: readonly string[];
  readonly #publishMaxBytes: number;
  readonly #onError: (error: unknown) => void;
  readonly #listeners: DecidedListener[] = [];
  #bytes = 0;
  /** Records that were not published since the start. */
  dropped = 0;

  private constructor(
    publisher: RedisClient,
    subscriber: RedisClient,
    channels: readonly string[],
    options: RedisBusOptions,
  ) {
    this.#publisher = publisher;
    this.#subscriber = subscriber;
    this.#channels = channels;
    this.#publishMaxBytes = options.publishMaxBytes ?? defaultPublishMaxBytes;
    this.#onError = options.onError;
  }

  /** Resolves at once, also while Redis cannot be reached. */
  static async open(options: RedisBusOptions): Promise<RedisBus> {
    const { servers } = options;
    const address = servers.addresses.join(', ');
    let failing = false;
    const onError = ({ message: reason }: Error) => {
      if (failing) return;
      failing = true;
      options.onError(engineErrors.create('engine-redis-unavailable', { address, reason }));
    };
    const publisher = await openRedisClient(servers, onError);
    const subscriber = await openRedisClient(servers, onError);
    const prefix = `${options.keyPrefix ?? defaultPrefix}decided:${options.logId}`;
    const channels = Array.from({ length: options.partitionCount }, (_, partition) => {
      return `${prefix}:${partition}`;
    });
    const bus = new RedisBus(publisher, subscriber, channels, options);
    const subscribe = () => {
      failing = false;
      for (const channel of channels) subscriber.ssubscribe(channel).catch(onError);
    };
    subscriber.on('ready', subscribe);
    if (subscriber.status === 'ready') subscribe();
    subscriber.on('smessageBuffer', (_channel: Buffer, message: Buffer) => bus.#hear(message));
    return bus;
  }

  onDecided(listener: DecidedListener): void {
    this.#listeners.push(listener);
  }

  publish(partition: number, offset: number, record: Uint8Array): void {
    const bytes = headerBytes + record.length;
    const channel = this.#channels[partition];
    if (channel === undefined) throw new RangeError(`there is no partition ${partition}`);
    if (this.#publisher.status !== 'ready' || this.#bytes + bytes > this.#publishMaxBytes) {
      this.dropped += 1;
      return;
    }
    const message = Buffer.allocUnsafe(bytes);
    message.writeUInt32LE(partition, 0);
    message.writeUInt32LE(0, 4);
    message.writeDoubleLE(offset, 8);
    message.set(record, headerBytes);
    this.#bytes += bytes;
    const answered = () => {
      this.#bytes -= bytes;
    };
    this.#publisher.spublish(channel, message).then(answered, () => {
      answered();
      this.dropped += 1;
    });
  }

  close(): void {
    this.#publisher.disconnect();
    this.#subscriber.disconnect();
  }

  #hear(message: Buffer): void {
    const partition = message.readUInt32LE(0);
    const offset = message.readDoubleLE(8);
    const record = message.subarray(headerBytes);
    for (const listener of this.#listeners) {
      try {
        listener(partition, offset, record);
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}
