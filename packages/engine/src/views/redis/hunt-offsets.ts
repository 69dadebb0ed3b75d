import type { StandingsStore } from './standings-store.ts';

interface HuntOffset {
  /** As Redis said. */
  acknowledged: number;
  /** After all that is on its way. */
  sent: number;
}

const offsetsAtOnce = 256;

/** Where each hunt of a partition goes on from, and what of it Redis was not yet told to remember. */
export class HuntOffsets {
  readonly #partition: number;
  readonly #offsets = new Map<string, HuntOffset>();
  #unsaved = new Map<string, number>();
  /** How often all was forgotten. */
  #clearings = 0;

  constructor(partition: number) {
    this.#partition = partition;
  }

  huntIds(): Iterable<string> {
    return this.#offsets.keys();
  }

  acknowledgedOf(huntId: string): number {
    return this.#offsets.get(huntId)?.acknowledged ?? 0;
  }

  sentOf(huntId: string): number {
    return this.#offsets.get(huntId)?.sent ?? 0;
  }

  sent(huntId: string, offset: number): void {
    const hunt = this.#offsets.get(huntId);
    if (hunt === undefined) this.#offsets.set(huntId, { acknowledged: 0, sent: offset });
    else hunt.sent = offset;
  }

  acknowledged(huntId: string, offset: number): void {
    const known = this.#offsets.get(huntId);
    const acknowledged = Math.max(known?.acknowledged ?? 0, offset);
    this.#offsets.set(huntId, { acknowledged, sent: Math.max(known?.sent ?? 0, acknowledged) });
    this.#unsaved.set(huntId, acknowledged);
  }

  /**
   * What Redis has, besides what it was known to have. What others have brought there, and had no time to have
   * remembered, is remembered with what comes next.
   */
  found(offsets: ReadonlyMap<string, number>, saved: ReadonlyMap<string, number>): void {
    for (const [huntId, offset] of offsets) {
      if (offset > (saved.get(huntId) ?? 0)) this.#unsaved.set(huntId, offset);
      const known = this.#offsets.get(huntId);
      if (known !== undefined) known.acknowledged = Math.max(known.acknowledged, offset);
      else if (offset > 0) this.#offsets.set(huntId, { acknowledged: offset, sent: offset });
    }
  }

  /** Nothing is on its way any more. */
  takeBack(): void {
    for (const hunt of this.#offsets.values()) hunt.sent = hunt.acknowledged;
  }

  /** Nothing is known any more, and nothing has to be remembered, but what `found` says next. */
  clear(): void {
    this.#offsets.clear();
    this.#unsaved = new Map();
    this.#clearings += 1;
  }

  /** Asks Redis where the hunts go on from that it was told of, and those known here. */
  async read(
    store: StandingsStore,
    saved: ReadonlyMap<string, number>,
  ): Promise<ReadonlyMap<string, number>> {
    const found = new Map<string, number>();
    const all = [...new Set([...saved.keys(), ...this.#offsets.keys()])];
    for (let at = 0; at < all.length; at += offsetsAtOnce) {
      const some = all.slice(at, at + offsetsAtOnce);
      const offsets = await Promise.all(some.map((id) => store.offset(id, this.#partition)));
      for (const [index, id] of some.entries()) found.set(id, offsets[index]!);
    }
    return found;
  }

  /**
   * False: nothing was saved, since what Redis remembers of the partition is not of this lineage any more.
   * @param next where the whole partition goes on from
   */
  async save(store: StandingsStore, lineage: string, next: number): Promise<boolean> {
    const [hunts, clearings] = [this.#unsaved, this.#clearings];
    this.#unsaved = new Map();
    try {
      return await store.saveProgress(this.#partition, { lineage, next, hunts });
    } catch (error) {
      // Nobody knows whether it was: it is said again with what comes next.
      if (clearings === this.#clearings) this.#unsaved = new Map([...hunts, ...this.#unsaved]);
      throw error;
    }
  }
}
