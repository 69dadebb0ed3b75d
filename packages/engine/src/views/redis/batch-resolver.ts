import { engineErrors } from '../../errors.ts';
import { HuntStates } from './hunt-states.ts';
import type { HuntUpdate, StandingsStore, UpdateAnswer } from './standings-store.ts';
import type { HuntChange, UpdateBatch } from './update-batch.ts';

/** Redis has other records of a hunt than were sent to it. */
export class AstrayError extends Error {}

/** Teams whose states are kept, some 50 bytes each; beyond it all are forgotten and read again as needed. */
const statesMax = 250_000;

/**
 * Turns what records change into what teams are afterwards. Batches come one after the other; what is
 * read of Redis meanwhile comes after all that was sent before.
 */
export class BatchResolver {
  readonly #partition: number;
  readonly #hunts = new Map<string, HuntStates>();
  /** How often all was forgotten. */
  #clearings = 0;

  constructor(partition: number) {
    this.#partition = partition;
  }

  /** Forgets what is known of teams. */
  clear(): void {
    this.#hunts.clear();
    this.#clearings += 1;
  }

  /**
   * Undefined where teams have to be read first: see `read`. Those not found by then are new. Throws `engine-views-inconsistent`.
   */
  resolve(batch: UpdateBatch, wasRead: boolean): HuntUpdate[] | undefined {
    const changes = batch.changes();
    if (!wasRead && changes.some((change) => this.#missing(change).length > 0)) return undefined;
    return changes.map((change) => this.#update(change, batch.to));
  }

  /**
   * Reads what `resolve` needs. False where it has to be read again: all has been forgotten meanwhile, and what is
   * answered from then on is not taken in. Throws `AstrayError`, and what the driver throws.
   */
  async read(batch: UpdateBatch, store: StandingsStore): Promise<boolean> {
    this.#makeRoom();
    const clearings = this.#clearings;
    await Promise.all(
      batch.changes().map(async (change) => {
        const { huntId, skipBelow } = change;
        const ids = this.#missing(change);
        if (ids.length === 0) return;
        const found = await store.states(huntId, this.#partition, ids);
        // Redis may have answered long ago, and something else goes on from elsewhere by now.
        if (clearings !== this.#clearings) return;
        if (found.offset !== skipBelow) {
          throw new AstrayError(`${huntId} is at ${found.offset}, not at ${skipBelow}`);
        }
        this.#states(huntId).found(ids, found);
      }),
    );
    return clearings === this.#clearings;
  }

  /** Updates that come next are made for the order that Redis has now. */
  heard(huntId: string, { rule, base }: UpdateAnswer): void {
    const states = this.#states(huntId);
    states.rule = rule;
    states.base = base ?? states.base;
  }

  #missing({ huntId, teams }: HuntChange): Buffer {
    return this.#states(huntId).missing(teams);
  }

  #update(change: HuntChange, to: number): HuntUpdate {
    const { huntId, skipBelow, teams, solved, wrong, granted, ties } = change;
    const states = this.#states(huntId);
    const updates = states.fold(teams);
    if (updates === undefined) {
      const details = { partition: this.#partition, offset: to };
      throw engineErrors.create('engine-views-inconsistent', details);
    }
    return {
      huntId,
      partition: this.#partition,
      from: skipBelow,
      to,
      ...updates,
      solved,
      wrong,
      granted,
      ties,
      mode: '',
      rule: states.rule ?? '',
      base: states.base,
    };
  }

  #states(huntId: string): HuntStates {
    let states = this.#hunts.get(huntId);
    if (states === undefined) {
      states = new HuntStates();
      this.#hunts.set(huntId, states);
    }
    return states;
  }

  #makeRoom(): void {
    let rows = 0;
    for (const states of this.#hunts.values()) rows += states.rows;
    if (rows >= statesMax) this.clear();
  }
}
