import type { Clock } from '../../clock.ts';
import type { SeededRandom } from '../../simulator/seeded-random.ts';

/** Why a request came to nothing. */
export type Refusal = 'unavailable' | 'gone' | 'truncated' | 'recreated';

export interface Fetched {
  readonly start: number;
  readonly end: number;
  readonly from: number;
  readonly records: readonly Uint8Array[];
}

export interface SimulatedReplicaOptions {
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly segmentRecords: number;
  /** Milliseconds until the other replicas have what the leader has. */
  readonly delay: () => number;
}

/** One stream of one partition, as its leader and the replicas in sync keep it. */
export class SimulatedReplica {
  /** Lowest offset kept; record 0, the identity, is not stored. */
  start = 1;
  /** Everything below is on all replicas in sync: acknowledged, shown, never lost. */
  committedEnd = 1;
  /** Changes when the stream is deleted and made anew. */
  incarnation = 0;
  readonly #options: SimulatedReplicaOptions;
  /** From `start` on; those at `committedEnd` and above are on the leader only. */
  #records: Uint8Array[] = [];
  /** Each leader has one; what an earlier one had under way is void. */
  #term = 0;
  #electing = false;
  #availability: 'all' | 'read-only' | 'none' = 'all';
  #waiting = new Set<() => void>();

  constructor(options: SimulatedReplicaOptions) {
    this.#options = options;
  }

  /** The offset above the leader's last record. */
  get end(): number {
    return this.start + this.#records.length;
  }

  get isReadable(): boolean {
    return !this.#electing && this.#availability !== 'none';
  }

  /** Writes a batch, whole and without a gap. Not called back when the leader dies before it is committed. */
  append(
    batch: readonly Uint8Array[],
    incarnation: number,
    done: (refusal: Refusal | undefined, offset: number) => void,
  ): void {
    if (incarnation !== this.incarnation) return done('recreated', -1);
    if (!this.isReadable || this.#availability !== 'all') return done('unavailable', -1);
    const offset = this.end;
    for (const record of batch) this.#records.push(record);
    const term = this.#term;
    const { clock, delay } = this.#options;
    clock.after(delay(), () => {
      if (term !== this.#term) return;
      this.#commit(offset + batch.length);
      done(undefined, offset);
    });
  }

  /** Records from an offset on, up to about `maxBytes`; when there are none, waits `waitMs` for some. */
  fetch(
    from: number,
    incarnation: number,
    maxBytes: number,
    waitMs: number,
    done: (refusal: Refusal | undefined, fetched: Fetched) => void,
  ): void {
    const refusal = this.#refuse(from, incarnation);
    if (refusal || from < this.committedEnd || waitMs <= 0) {
      done(refusal, this.#read(refusal ? this.committedEnd : from, maxBytes));
      return;
    }
    const again = () => {
      cancel();
      this.#waiting.delete(again);
      this.fetch(from, incarnation, maxBytes, 0, done);
    };
    const cancel = this.#options.clock.after(waitMs, again);
    this.#waiting.add(again);
  }

  #refuse(from: number, incarnation: number): Refusal | undefined {
    if (!this.isReadable) return 'unavailable';
    if (incarnation !== this.incarnation) return 'recreated';
    if (from < this.start) return 'gone';
    // Between what is committed and what the leader has, a reader waits.
    return from > this.end ? 'truncated' : undefined;
  }

  #read(from: number, maxBytes: number): Fetched {
    const records: Uint8Array[] = [];
    let bytes = 0;
    for (let offset = from; offset < this.committedEnd; offset++) {
      const record = this.#records[offset - this.start]!;
      bytes += record.length;
      if (records.length > 0 && bytes > maxBytes) break;
      records.push(record);
    }
    return { start: this.start, end: this.committedEnd, from, records };
  }

  /** Lets go of whole segments below the offset, never of the last record. */
  retainFrom(offset: number): void {
    const { segmentRecords } = this.#options;
    const wanted = Math.min(offset, this.committedEnd - 1);
    const start = Math.floor(wanted / segmentRecords) * segmentRecords;
    if (start <= this.start) return;
    this.#records.splice(0, start - this.start);
    this.start = start;
  }

  committed(): (readonly [number, Uint8Array])[] {
    return this.#records
      .slice(0, this.committedEnd - this.start)
      .map((record, index) => [this.start + index, record] as const);
  }

  failOver(electionMs: number): void {
    this.#term += 1;
    const term = this.#term;
    this.#electing = true;
    // Whoever is chosen has all that is committed, and of the rest what had reached it.
    const survivors = this.#options.random.between(this.committedEnd, this.end);
    this.#records.length = survivors - this.start;
    this.#options.clock.after(electionMs, () => {
      if (term !== this.#term) return;
      this.#electing = false;
      this.#commit(this.end);
    });
    this.#wake();
  }

  setAvailability(to: 'all' | 'read-only' | 'none'): void {
    this.#availability = to;
    this.#wake();
  }

  truncate(end: number): void {
    this.#term += 1;
    this.#electing = false;
    this.#records.length = Math.max(0, end - this.start);
    this.committedEnd = this.end;
    this.#wake();
  }

  recreate(): void {
    this.#term += 1;
    this.#electing = false;
    this.incarnation += 1;
    this.#records = [];
    this.start = 1;
    this.committedEnd = 1;
    this.#wake();
  }

  #commit(end: number): void {
    this.committedEnd = Math.max(this.committedEnd, end);
    this.#wake();
  }

  #wake(): void {
    for (const again of [...this.#waiting]) again();
  }
}
