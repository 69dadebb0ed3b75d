import type { Clock, LogPartition, RecordVisitor, Stream } from 'veltrix';

interface Follower {
  readonly stream: Stream;
  readonly visibility: 'written' | 'durable';
  readonly visit: RecordVisitor;
}

/** One partition's log in memory; what was appended is durable after the turn it was appended in. */
export class MemoryLogPartition implements LogPartition {
  readonly partition: number;
  readonly tornBytes = 0;
  readonly #clock: Clock;
  readonly #records: Record<Stream, Uint8Array[]> = { commands: [], events: [] };
  readonly #durable: Record<Stream, number> = { commands: 1, events: 1 };
  readonly #followers = new Set<Follower>();
  #awaiting: (() => void)[] = [];

  constructor(partition: number, clock: Clock) {
    this.partition = partition;
    this.#clock = clock;
  }

  append(stream: Stream, record: Uint8Array, onDurable?: (error?: Error) => void): number {
    const records = this.#records[stream];
    const bytes = record.slice();
    records.push(bytes);
    const offset = records.length;
    if (this.#awaiting.length === 0) this.#clock.defer(() => this.#sync());
    this.#awaiting.push(() => {
      this.#durable[stream] = offset + 1;
      onDurable?.();
      this.#show('durable', stream, offset, bytes);
    });
    this.#show('written', stream, offset, bytes);
    return offset;
  }

  #sync(): void {
    const awaiting = this.#awaiting;
    this.#awaiting = [];
    for (const done of awaiting) done();
  }

  #show(
    visibility: Follower['visibility'],
    stream: Stream,
    offset: number,
    bytes: Uint8Array,
  ): void {
    for (const follower of this.#followers) {
      if (follower.stream === stream && follower.visibility === visibility) {
        follower.visit(offset, bytes);
      }
    }
  }

  end(stream: Stream): number {
    return this.#records[stream].length + 1;
  }

  durableEnd(stream: Stream): number {
    return this.#durable[stream];
  }

  start(): number {
    return 1;
  }

  read(stream: Stream, from: number, maxBytes: number, visit: RecordVisitor): number {
    let offset = from;
    for (let bytes = 0; offset < this.#durable[stream] && bytes < maxBytes; offset++) {
      const record = this.#records[stream][offset - 1]!;
      visit(offset, record);
      bytes += record.length;
    }
    return offset;
  }

  follow(stream: Stream, visibility: Follower['visibility'], visit: RecordVisitor): () => void {
    const follower = { stream, visibility, visit };
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  onFailure(): void {}

  retainFrom(): number {
    return 0;
  }
}
