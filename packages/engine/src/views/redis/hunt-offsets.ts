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

  /** What Redis has, besides what it was known to have. */
  found(offsets: ReadonlyMap<string, number>): void {
    for (const [huntId, offset] of offsets) {
      const known = this.#offsets.get(huntId);
      if (known !== undefined) known.acknowledged = Math.max(known.acknowledged, offset);
      else if (offset > 0) this.#offsets.set(huntId, { acknowledged: offset, sent: offset });
    }
  }

  /** Nothing is on its way any more. */
  takeBack(): void {
    for (const hunt of this.#offsets.values()) hunt.sent = hunt.acknowledged;
  }

  clear(): void {
    this.#offsets.clear();
  }

  /** Asks Redis where the hunts go on from that it was told of, and those known here. */
  async read(
    store: StandingsStore,
    saved: ReadonlyMap<string, number>,
  ): Promise<ReadonlyMap<string, number>> {
    const huntIds = new Set([...saved.keys(), ...this.#offsets.keys()]);
    huntIds.delete('next');
    const found = new Map<string, number>();
    const all = [...huntIds];
    for (let at = 0; at < all.length; at += offsetsAtOnce) {
      const some = all.slice(at, at + offsetsAtOnce);
      const offsets = await Promise.all(some.map((id) => store.offset(id, this.#partition)));
      for (const [index, id] of some.entries()) found.set(id, offsets[index]!);
    }
    return found;
  }

  /** @param next where the whole partition goes on from */
  async save(store: StandingsStore, next: number): Promise<void> {
    const offsets = this.#unsaved.set('next', next);
    this.#unsaved = new Map();
    await store.saveProgress(this.#partition, offsets);
  }
}
