import { Buffer } from 'node:buffer';
import type { RedisClient } from '../../redis/redis-client.ts';
import type { HuntCounters, Standing } from '../views.ts';
import {
  applyScript,
  pageScript,
  teamScript,
  teamStateBytes,
  tieBytes,
  tiesScript,
} from './standings-scripts.ts';

/** One hunt's share of some records of a partition, or of a seed. */
export interface HuntUpdate {
  readonly huntId: string;
  readonly partition: number;
  /** The hunt has all of the partition below this offset; with the update below `to`. */
  readonly from: number;
  readonly to: number;
  /** See `applyScript`. */
  readonly teams: Buffer;
  readonly solved: number;
  readonly wrong: number;
  readonly granted: number;
  readonly ties: '' | 'last-score' | 'penalty';
  readonly mode: '' | 's' | 'sl';
}

type UpdateOutcome = 'done' | 'repeated' | 'moved' | 'unregistered';

export interface UpdateAnswer {
  readonly outcome: UpdateOutcome;
  /** Where the hunt now goes on from. */
  readonly offset: number;
  readonly version: number;
}

/** What was read, and the version it was read at. */
export interface Versioned<Value> {
  readonly value: Value;
  readonly version: number;
}

type Arguments = readonly (string | number | Buffer)[];
type Reply<Values> = Promise<Values>;

/** The scripts as the driver offers them once they are defined. */
interface ScriptClient {
  huntApply(...args: Arguments): Reply<[outcome: number, offset: number, version: number]>;
  huntTies(...args: Arguments): Reply<number>;
  huntPageBuffer(
    ...args: Arguments
  ): Reply<[version: number, rank: number, members: Buffer, states: Buffer]>;
  huntTeamBuffer(...args: Arguments): Reply<[version: number, rank: number, state: Buffer]>;
}

const outcomes: readonly UpdateOutcome[] = ['done', 'repeated', 'moved', 'unregistered'];
const idBytes = 8;
/** Versions of a generation lie above all of the one before; minutes since 1970 times this are exact until 2097. */
const versionsPerGeneration = 2 ** 27;

/** The standings of one generation of the views, as commands to Redis. */
export class StandingsStore {
  readonly generation: number;
  readonly #client: RedisClient;
  readonly #scripts: ScriptClient;
  readonly #prefix: string;

  constructor(client: RedisClient, prefix: string, generation: number) {
    this.generation = generation;
    this.#client = client;
    this.#scripts = client as unknown as ScriptClient;
    this.#prefix = prefix;
  }

  static defineScripts(client: RedisClient): void {
    for (const [name, lua, readOnly] of [
      ['huntApply', applyScript, false],
      ['huntTies', tiesScript, false],
      ['huntPage', pageScript, true],
      ['huntTeam', teamScript, true],
    ] as const) {
      client.defineCommand(name, { numberOfKeys: 3, lua, readOnly });
    }
  }

  /** The same of another generation. */
  of(generation: number): StandingsStore {
    return new StandingsStore(this.#client, this.#prefix, generation);
  }

  async apply(update: HuntUpdate): Promise<UpdateAnswer> {
    const [outcome, offset, version] = await this.#scripts.huntApply(
      ...this.#keys(update.huntId),
      update.partition,
      update.from,
      update.to,
      update.teams,
      update.solved,
      update.wrong,
      update.granted,
      update.ties,
      update.mode,
    );
    return { outcome: outcomes[outcome]!, offset, version: this.#version(version) };
  }

  async setTies(huntId: string, ties: 'last-score' | 'penalty'): Promise<number> {
    return this.#version(await this.#scripts.huntTies(...this.#keys(huntId), ties));
  }

  async page(huntId: string, from: number, limit: number): Promise<Versioned<Standing[]>> {
    const [version, rank, members, states] = await this.#scripts.huntPageBuffer(
      ...this.#keys(huntId),
      from,
      from + limit - 1,
    );
    const memberBytes = tieBytes + idBytes;
    const tie = (row: number) => members.subarray(row * memberBytes, row * memberBytes + tieBytes);
    const points = (row: number) => states.readDoubleBE(row * teamStateBytes);
    const value: Standing[] = [];
    for (let row = 0; row * memberBytes < members.length; row++) {
      const equal = row > 0 && points(row) === points(row - 1) && tie(row).equals(tie(row - 1));
      const own = equal ? value[row - 1]!.rank : row === 0 ? rank : from + row + 1;
      const idAt = row * memberBytes + tieBytes;
      const teamId = members.toString('hex', idAt, idAt + idBytes);
      value.push(standing(own, teamId, states, row * teamStateBytes));
    }
    return { value, version: this.#version(version) };
  }

  async team(huntId: string, teamId: string): Promise<Versioned<Standing | undefined>> {
    const id = Buffer.from(teamId, 'hex');
    const [version, rank, state] = await this.#scripts.huntTeamBuffer(...this.#keys(huntId), id);
    const value = rank === 0 ? undefined : standing(rank, teamId, state, 0);
    return { value, version: this.#version(version) };
  }

  async counters(huntId: string): Promise<Versioned<HuntCounters | undefined>> {
    const [hunt, , teams] = this.#keys(huntId);
    const [fields, count] = await Promise.all([
      this.#client.hgetall(hunt),
      this.#client.hlen(teams),
    ]);
    const version = this.#version(Number(fields['v'] ?? 0));
    if (fields['v'] === undefined && fields['t'] === undefined)
      return { value: undefined, version };
    const sums = { teams: count, solved: 0, wrong: 0, granted: 0 };
    for (const [name, amount] of Object.entries(fields)) {
      const counter = counterOf[name.replace(/\d+$/, '')];
      if (counter !== undefined) sums[counter] += Number(amount);
    }
    return { value: sums, version };
  }

  async version(huntId: string): Promise<number> {
    return this.#version(Number((await this.#client.hget(this.#keys(huntId)[0], 'v')) ?? 0));
  }

  /** Where the hunt goes on from; 0 when it has nothing of the partition. */
  async offset(huntId: string, partition: number): Promise<number> {
    return Number((await this.#client.hget(this.#keys(huntId)[0], `c${partition}`)) ?? 0);
  }

  /** Where the partition went on from when it was last said, and each of its hunts. */
  async progress(partition: number): Promise<ReadonlyMap<string, number>> {
    const fields = await this.#client.hgetall(this.#progressKey(partition));
    return new Map(Object.entries(fields).map(([name, offset]) => [name, Number(offset)]));
  }

  /** `next` and the ids of hunts with their offsets. Only what is surely in the views. */
  async saveProgress(partition: number, offsets: ReadonlyMap<string, number>): Promise<void> {
    await this.#client.hset(this.#progressKey(partition), Object.fromEntries(offsets));
  }

  #progressKey(partition: number): string {
    return `${this.#prefix}${this.generation}:{partition-${partition}}`;
  }

  /** The braces keep a hunt's keys in one slot of a cluster. */
  #keys(huntId: string): readonly [hunt: string, order: string, teams: string] {
    const base = `${this.#prefix}${this.generation}:{${huntId}}`;
    return [`${base}:hunt`, `${base}:order`, `${base}:teams`];
  }

  #version(count: number): number {
    return count === 0 ? 0 : this.generation * versionsPerGeneration + count;
  }
}

const counterOf: Readonly<Record<string, 'solved' | 'wrong' | 'granted'>> = {
  s: 'solved',
  w: 'wrong',
  g: 'granted',
};

function standing(rank: number, teamId: string, states: Buffer, at: number): Standing {
  return {
    rank,
    teamId,
    points: states.readDoubleBE(at),
    penaltySeconds: states.readDoubleBE(at + 8),
    lastScoreAt: states.readDoubleBE(at + 16),
    solved: states.readUInt32BE(at + 24),
  };
}
