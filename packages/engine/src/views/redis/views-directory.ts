import { engineErrors } from '../../errors.ts';
import { dataNodes, type RedisClient } from '../../redis/redis-client.ts';

/** The log that the views are made from. */
export interface ViewsIdentity {
  readonly logId: string;
  readonly partitionCount: number;
}

/** The generation that is shown, as of one directory: one that was lost and made anew began at another time. */
export interface ShownDirectory {
  readonly current: number;
  /** When the directory was made, ms since the epoch. */
  readonly began: number;
}

export interface Generations extends ShownDirectory {
  /** Since when (ms since the epoch) some partition of it is being given again after a loss. */
  readonly refillingSince: number | undefined;
  /** How long ago, at the latest, nothing of any partition was missing, in milliseconds. */
  readonly ageMs: number;
}

/** Of the keys and what is in them; see order-lua.ts. */
const formatVersion = 2;
const minuteMs = 60_000;
/** Keys that are looked at, and deleted, at a time. */
const scanned = 500;

/**
 * KEYS directory; ARGV format, logId, partitions, generation if it is new, the generation and the directory's
 * beginning that the ages are of, then a partition and the age of what is shown of it (ms), and so on. Returns
 * the time and what the directory says. Times are those of Redis, so that clocks of processes need not agree.
 * Writes no ages where the log, the generation or the directory is another. A partition
 * of which nothing is missing is not being given again any more, though whoever began that may be gone.
 */
const enterScript = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('HSET', KEYS[1], 'format', ARGV[1], 'logId', ARGV[2], 'partitionCount', ARGV[3],
    'current', ARGV[4], 'newest', ARGV[4], 'began', string.format('%.0f', now))
end
local known = redis.call('HMGET', KEYS[1], 'format', 'logId', 'partitionCount', 'current', 'began')
local isSame = known[4] == ARGV[5] and known[5] == ARGV[6]
if known[1] == ARGV[1] and known[2] == ARGV[2] and known[3] == ARGV[3] and isSame then
  for i = 7, #ARGV, 2 do
    local field, at = 'fresh-' .. ARGV[i], now - ARGV[i + 1]
    if at > tonumber(redis.call('HGET', KEYS[1], field) or '0') then
      redis.call('HSET', KEYS[1], field, string.format('%.0f', at))
    end
    local refill = 'refill-' .. ARGV[i]
    if at > tonumber(redis.call('HGET', KEYS[1], refill) or now) then
      redis.call('HDEL', KEYS[1], refill)
    end
  end
end
return {string.format('%.0f', now), redis.call('HGETALL', KEYS[1])}`;

/** KEYS directory; ARGV generation and beginning of the directory that it is about, field, when it began or ''. */
const refillScript = `
local known = redis.call('HMGET', KEYS[1], 'current', 'began')
if known[1] ~= ARGV[1] or known[2] ~= ARGV[2] then return end
if ARGV[4] == '' then redis.call('HDEL', KEYS[1], ARGV[3])
else redis.call('HSET', KEYS[1], ARGV[3], ARGV[4]) end`;

/** KEYS directory; ARGV generation at least. Returns the generation to build. */
const beginScript = `
local newest = tonumber(redis.call('HGET', KEYS[1], 'newest'))
local generation = string.format('%.0f', math.max(newest + 1, tonumber(ARGV[1])))
redis.call('HSET', KEYS[1], 'newest', generation, 'building', generation)
return generation`;

/** KEYS directory; ARGV generation. Returns the one that was shown, or false when another is being built. */
const promoteScript = `
if redis.call('HGET', KEYS[1], 'building') ~= ARGV[1] then return false end
local old = redis.call('HGET', KEYS[1], 'current')
redis.call('HSET', KEYS[1], 'current', ARGV[1])
redis.call('HDEL', KEYS[1], 'building')
return old`;

/**
 * KEYS directory; ARGV generation, the next one at least, partitions. Shows a new, empty generation where that one is
 * shown, with every partition being given again. Whatever was being built is not shown any more.
 */
const replaceScript = `
if redis.call('HGET', KEYS[1], 'current') ~= ARGV[1] then return end
local newest = tonumber(redis.call('HGET', KEYS[1], 'newest'))
local generation = string.format('%.0f', math.max(newest + 1, tonumber(ARGV[2])))
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
redis.call('HSET', KEYS[1], 'newest', generation, 'current', generation)
redis.call('HDEL', KEYS[1], 'building')
for partition = 0, ARGV[3] - 1 do redis.call('HSET', KEYS[1], 'refill-' .. partition, now) end`;

/**
 * What the views in Redis are made from, and which of their generations is shown. Generations are
 * numbered by the minute they were made in: also one that is made after everything was lost has a
 * number above the earlier ones.
 */
export class ViewsDirectory {
  readonly #client: RedisClient;
  readonly #key: string;
  readonly #prefix: string;
  readonly #identity: ViewsIdentity;
  readonly #address: string;
  readonly #now: () => number;

  constructor(options: {
    readonly client: RedisClient;
    readonly prefix: string;
    readonly identity: ViewsIdentity;
    readonly address: string;
    readonly now: () => number;
  }) {
    this.#client = options.client;
    this.#prefix = options.prefix;
    this.#key = `${options.prefix}{views}`;
    this.#identity = options.identity;
    this.#address = options.address;
    this.#now = options.now;
  }

  /** Throws `engine-redis-evicts`. Writes nothing. */
  async checkServers(): Promise<void> {
    for (const node of dataNodes(this.#client)) {
      const policy = /maxmemory_policy:(\S+)/.exec(await node.info('memory'))?.[1];
      if (policy === undefined || policy === 'noeviction') continue;
      throw engineErrors.create('engine-redis-evicts', { address: this.#address, policy });
    }
  }

  /**
   * Throws `engine-redis-foreign`. Writes only where there is nothing yet, and the ages.
   * @param ages by partition, how long ago nothing of it was missing (ms)
   * @param shown what the ages are of; they count for nothing where something else is shown by now
   */
  async enter(
    ages: ReadonlyMap<number, number>,
    shown: ShownDirectory | undefined,
  ): Promise<Generations> {
    const { logId, partitionCount } = this.#identity;
    const reply = await this.#client.eval(
      enterScript,
      1,
      this.#key,
      formatVersion,
      logId,
      partitionCount,
      this.#minute(),
      shown?.current ?? '',
      shown?.began ?? '',
      ...[...ages].flat(),
    );
    const [now, words] = reply as [now: string, words: string[]];
    const fields = new Map(
      words.flatMap((name, at) => (at % 2 === 0 ? [[name, words[at + 1]!]] : [])) as [
        string,
        string,
      ][],
    );
    const expectations = Object.entries({ format: formatVersion, logId, partitionCount });
    for (const [field, expected] of expectations) {
      const found = fields.get(field) ?? 'none';
      if (found === String(expected)) continue;
      const details = { prefix: this.#prefix, field, found, expected };
      throw engineErrors.create('engine-redis-foreign', details);
    }
    const refills = [...fields].filter(([name]) => name.startsWith('refill-'));
    return {
      current: Number(fields.get('current')),
      began: Number(fields.get('began')),
      refillingSince:
        refills.length === 0 ? undefined : Math.min(...refills.map(([, since]) => Number(since))),
      ageMs: Number(now) - oldest(fields, partitionCount),
    };
  }

  /**
   * For everybody who reads: what is shown misses records of the partition, or no longer does. Says nothing where
   * something else is shown by now, or the directory is gone: whoever makes it anew must not find a part of one.
   */
  async setRefilling(
    partition: number,
    since: number | undefined,
    { current, began }: ShownDirectory,
  ): Promise<void> {
    const words = [current, began, `refill-${partition}`, since ?? ''];
    await this.#client.eval(refillScript, 1, this.#key, ...words);
  }

  async beginGeneration(): Promise<number> {
    return Number(await this.#client.eval(beginScript, 1, this.#key, this.#minute()));
  }

  /** Shows the generation to everybody and returns the one before. Throws `engine-views-rebuild-superseded`. */
  async promote(generation: number): Promise<number> {
    const old = await this.#client.eval(promoteScript, 1, this.#key, generation);
    if (old === null) throw engineErrors.create('engine-views-rebuild-superseded', { generation });
    return Number(old);
  }

  /** Shows a new, empty generation in place of this one, unless another is shown already. */
  async replace(generation: number): Promise<void> {
    const { partitionCount } = this.#identity;
    await this.#client.eval(
      replaceScript,
      1,
      this.#key,
      generation,
      this.#minute(),
      partitionCount,
    );
  }

  /** Deletes the keys of generations before `generation`, bit by bit. */
  async deleteBefore(generation: number): Promise<void> {
    for (const node of dataNodes(this.#client)) {
      let cursor = '0';
      do {
        const pattern = `${this.#prefix}[0-9]*:{*`;
        const [next, keys] = await node.scan(cursor, 'MATCH', pattern, 'COUNT', scanned);
        cursor = next;
        const old = keys.filter(
          (key) => Number.parseInt(key.slice(this.#prefix.length), 10) < generation,
        );
        await Promise.all(old.map((key) => this.#client.unlink(key)));
      } while (cursor !== '0');
    }
  }

  #minute(): number {
    return Math.floor(this.#now() / minuteMs);
  }
}

/** When nothing was missing of the partition that is furthest behind; one that nobody ever followed is as old as the directory. */
function oldest(fields: ReadonlyMap<string, string>, partitionCount: number): number {
  let oldest = Number.POSITIVE_INFINITY;
  for (let partition = 0; partition < partitionCount; partition++) {
    const at = fields.get(`fresh-${partition}`) ?? fields.get('began') ?? 0;
    oldest = Math.min(oldest, Number(at));
  }
  return oldest;
}
