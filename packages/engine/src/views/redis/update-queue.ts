import type { BatchResolver } from './batch-resolver.ts';
import type { HuntUpdate, StandingsStore } from './standings-store.ts';
import { rowBytes } from './team-rows.ts';
import type { UpdateBatch } from './update-batch.ts';

/** A batch, or a part of a seed, that waits for Redis. */
export interface Prepared {
  readonly start: number;
  readonly to: number;
  readonly batch: UpdateBatch | undefined;
  /** Undefined before the batch is resolved. */
  updates: readonly HuntUpdate[] | undefined;
  /** It was found that teams have to be read first: only a read changes that, so it is not looked at again before. */
  mustRead: boolean;
  readonly bytes: number;
  /** Whether the partition goes on from `to` after it. */
  readonly complete: boolean;
  done: boolean;
}

const updateBytes = 200;

/** What of a partition waits for Redis, in order. */
export class UpdateQueue {
  bytes = 0;
  #items: Prepared[] = [];

  get length(): number {
    return this.#items.length;
  }

  at(index: number): Prepared | undefined {
    return this.#items[index];
  }

  addBatch(batch: UpdateBatch): void {
    const { start, to } = batch;
    const bytes = batch.rows * rowBytes + updateBytes;
    const state = { updates: undefined, mustRead: false, done: false };
    this.#add({ start, to, batch, bytes, complete: true, ...state });
  }

  addSeed(to: number, updates: readonly HuntUpdate[]): void {
    const bytes = updates.reduce((sum, { states }) => sum + states.length + updateBytes, 0);
    const state = { updates, mustRead: false, done: false };
    this.#add({ start: to, to, batch: undefined, bytes, complete: false, ...state });
  }

  /** Takes away what is done at the front. */
  takeDone(): Prepared[] {
    const count = this.#items.findIndex(({ done }) => !done);
    const taken = this.#items.splice(0, count < 0 ? this.#items.length : count);
    for (const { bytes } of taken) this.bytes -= bytes;
    return taken;
  }

  clear(): void {
    this.#items = [];
    this.bytes = 0;
  }

  /** Whether what waits goes on from what Redis has, or ends there. */
  fits(found: ReadonlyMap<string, number>): boolean {
    return this.#items.every(({ batch, updates }) => {
      if (updates !== undefined) {
        return updates.every(({ huntId, from, to, mode }) => {
          const offset = found.get(huntId) ?? 0;
          return mode !== '' || offset <= from || offset >= to;
        });
      }
      return batch!.changes().every(({ huntId, skipBelow }) => {
        return (found.get(huntId) ?? 0) <= skipBelow;
      });
    });
  }

  /** Makes the item ready to be sent; false where teams have to be read first. */
  resolve(item: Prepared, resolver: BatchResolver, wasRead: boolean): boolean {
    if (item.updates === undefined && (wasRead || !item.mustRead)) {
      item.updates = resolver.resolve(item.batch!, wasRead);
      item.mustRead = item.updates === undefined;
    }
    return item.updates !== undefined;
  }

  /** Reads for `resolve`; as `BatchResolver.read`. */
  read(item: Prepared, resolver: BatchResolver, store: StandingsStore): Promise<boolean> {
    return resolver.read(item.batch!, store);
  }

  #add(item: Prepared): void {
    this.#items.push(item);
    this.bytes += item.bytes;
  }
}
