import { Buffer } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import type { TieRule } from '@hunt/rules';
import type { RedisClient } from '../../redis/redis-client.ts';
import type { HuntCounters, Standing } from '../views.ts';
import { idBytes, teamStateBytes } from './order-lua.ts';
import { progressScript, saveProgressScript } from './progress-scripts.ts';
import { pageScript, teamScript } from './read-scripts.ts';
import { applyScript, orderScript, statesScript } from './update-scripts.ts';

/** One hunt's share of some records of a partition, or of a seed. */
export interface HuntUpdate {
  readonly huntId: string;
  readonly partition: number;
  /** The hunt has all of the partition below this offset; with the update below `to`. */
  readonly from: number;
  readonly to: number;
  /** See `applyScript`. */
  readonly scores: Buffer;
  readonly states: Buffer;
  readonly solved: number;
  readonly wrong: number;
  readonly granted: number;
  readonly ties: '' | TieRule;
  readonly mode: '' | 's' | 'sl';
  /** Of `scores`; see order-lua.ts. */
  readonly rule: string;
  readonly base: number | undefined;
}

type UpdateOutcome = 'done' | 'repeated' | 'moved';

export interface UpdateAnswer {
  readonly outcome: UpdateOutcome;
  /** Where the hunt now goes on from. */
  readonly offset: number;
  readonly version: number;
  /** See order-lua.ts. */
  readonly rule: string;
  readonly base: number | undefined;
}

/** Teams of a hunt as they are when the hunt goes on from `offset`. */
export interface FoundStates {
  readonly offset: number;
  readonly rule: string;
  readonly base: number | undefined;
  /** 28 bytes a team, all bits set where there is none. */
  readonly states: Buffer;
}

/** What Redis was told to remember of a partition. */
export interface SavedProgress {
  /**
   * Made up by whoever first found nothing remembered: another one says that all was lost in between. What was
   * known of the partition before is then not of what Redis has.
   */
  readonly lineage: string;
  /** Where the partition went on from; undefined where nobody has said. */
  readonly next: number | undefined;
  /** The offset of each hunt that has records below `next`. */
  readonly hunts: ReadonlyMap<string, number>;
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
  huntApply(
    ...args: Arguments
  ): Reply<
    [outcome: number, offset: number, version: number, rule: string, base: string, more: number]
  >;
  huntOrder(...args: Arguments): Reply<[version: number, more: number]>;
  huntStatesBuffer(
    ...args: Arguments
  ): Reply<[offset: number, rule: Buffer, base: Buffer, states: Buffer]>;
  huntPageBuffer(
    ...args: Arguments
  ): Reply<[version: number, rule: Buffer, rank: number, ids: Buffer, states: Buffer]>;
  huntTeamBuffer(...args: Arguments): Reply<[version: number, rank: number, state: Buffer]>;
  huntProgress(...args: Arguments): Reply<[lineage: string, fields: string[]]>;
  huntSaveProgress(...args: Arguments): Reply<number>;
}

const outcomes: readonly (UpdateOutcome | 'wide')[] = ['done', 'repeated', 'moved', 'wide'];
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
    for (const [name, lua, numberOfKeys, readOnly] of [
      ['huntApply', applyScript, 4, false],
      ['huntOrder', orderScript, 4, false],
      ['huntStates', statesScript, 4, true],
      ['huntPage', pageScript, 4, true],
      ['huntTeam', teamScript, 4, true],
      ['huntProgress', progressScript, 2, false],
      ['huntSaveProgress', saveProgressScript, 2, false],
    ] as const) {
      client.defineCommand(name, { numberOfKeys, lua, readOnly });
    }
  }

  /** The same of another generation. */
  of(generation: number): StandingsStore {
    return new StandingsStore(this.#client, this.#prefix, generation);
  }

  /** Resolves once an order that the update asks for is made; others are served meanwhile. */
  async apply(update: HuntUpdate): Promise<UpdateAnswer> {
    const { huntId, base: proposed } = update;
    const [outcome, offset, count, rule, base, more] = await this.#scripts.huntApply(
      ...this.#keys(huntId),
      update.partition,
      update.from,
      update.to,
      update.scores,
      update.states,
      update.solved,
      update.wrong,
      update.granted,
      update.ties,
      update.mode,
      update.rule,
      proposed ?? '',
    );
    const came = outcomes[outcome]!;
    let version = this.#version(count);
    if (came === 'wide') version = await this.#makeOrder(huntId, 'wide');
    else if (more === 1) version = await this.#makeOrder(huntId, '');
    const order = { rule, base: base === '' ? undefined : Number(base) };
    return { outcome: came === 'wide' ? 'moved' : came, offset, version, ...order };
  }

  /** Resolves with the version when the hunt is shown so. */
  setTies(huntId: string, ties: TieRule): Promise<number> {
    return this.#makeOrder(huntId, ties);
  }

  /** A slice a script, so that Redis is never away for long. */
  async #makeOrder(huntId: string, wanted: TieRule | 'wide' | ''): Promise<number> {
    let [version, more] = await this.#scripts.huntOrder(...this.#keys(huntId), wanted);
    while (more === 1) [version, more] = await this.#scripts.huntOrder(...this.#keys(huntId), '');
    return this.#version(version);
  }

  /** @param ids 8 bytes each */
  async states(huntId: string, partition: number, ids: Buffer): Promise<FoundStates> {
    const keys = this.#keys(huntId);
    const [offset, rule, base, states] = await this.#scripts.huntStatesBuffer(
      ...keys,
      partition,
      ids,
    );
    const known = base.length === 0 ? undefined : Number(base.toString());
    return { offset, rule: rule.toString(), base: known, states };
  }

  async page(huntId: string, from: number, limit: number): Promise<Versioned<Standing[]>> {
    const keys = this.#keys(huntId);
    const to = from + limit - 1;
    const [version, rule, first, ids, states] = await this.#scripts.huntPageBuffer(
      ...keys,
      from,
      to,
    );
    const tieAt = rule.toString().toLowerCase() === 'p' ? 8 : 16;
    const number = (row: number, at: number) => states.readDoubleBE(row * teamStateBytes + at);
    const isEqual = (row: number) =>
      [0, tieAt].every((at) => number(row, at) === number(row - 1, at));
    const value: Standing[] = [];
    for (let row = 0; row * idBytes < ids.length; row++) {
      const equal = row > 0 && isEqual(row);
      const rank = equal ? value[row - 1]!.rank : row === 0 ? first : from + row + 1;
      const teamId = ids.toString('hex', row * idBytes, (row + 1) * idBytes);
      value.push(standing(rank, teamId, states, row * teamStateBytes));
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
    const [hunt, teams] = this.#keys(huntId);
    const [fields, count] = await Promise.all([
      this.#client.hgetall(hunt),
      this.#client.hlen(teams),
    ]);
    const version = this.#version(Number(fields['v'] ?? 0));
    if (fields['v'] === undefined) return { value: undefined, version };
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

  /** Where the partition went on from when it was last said, and each of its hunts. Begins a lineage where there is none. */
  async progress(partition: number): Promise<SavedProgress> {
    const keys = this.#progressKeys(partition);
    const [lineage, fields] = await this.#scripts.huntProgress(...keys, randomUUID());
    const hunts = new Map<string, number>();
    for (let at = 0; at < fields.length; at += 2) hunts.set(fields[at]!, Number(fields[at + 1]));
    const next = hunts.get('next');
    hunts.delete('next');
    return { lineage, next, hunts };
  }

  /** Only what is surely in the views, of hunts only what is new. False: the lineage is another, nothing was saved. */
  async saveProgress(
    partition: number,
    { lineage, next, hunts }: SavedProgress & { readonly next: number },
  ): Promise<boolean> {
    const keys = this.#progressKeys(partition);
    const fields = ['next', next, ...[...hunts].flat()];
    return (await this.#scripts.huntSaveProgress(...keys, lineage, ...fields)) === 1;
  }

  #progressKeys(partition: number): readonly [progress: string, lineage: string] {
    const progress = `${this.#prefix}${this.generation}:{partition-${partition}}`;
    return [progress, `${progress}:lineage`];
  }

  /** The braces keep a hunt's keys in one slot of a cluster. */
  #keys(huntId: string): readonly [hunt: string, teams: string, order: string, other: string] {
    const base = `${this.#prefix}${this.generation}:{${huntId}}`;
    return [`${base}:hunt`, `${base}:teams`, `${base}:order0`, `${base}:order1`];
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
