import type { Clock, SharedPartition, Stream } from 'veltrix';
import { EventGate } from 'veltrix/cluster';
import { engineErrors } from '../errors.ts';
import type { PlainPartition } from './plain-partition.ts';
import { boundsOf, readShared } from './read-shared.ts';

/** From here on, offsets of the shared log and plain ones grow together. */
interface Run {
  readonly offset: number;
  readonly plain: number;
}

/** Offsets of a shared log have gaps where processes made it together: a few, if any. */
const runsMax = 1_024;

/** The records of a partition of a shared log, without what does not count. */
export class SharedRecords implements PlainPartition {
  readonly ends: Readonly<Record<Stream, number>>;
  /** Offsets above the last records of the shared log, when it was looked through. */
  readonly sharedEnds: Readonly<Record<Stream, number>>;
  readonly #partition: SharedPartition;
  readonly #clock: Clock;
  readonly #runs: readonly Run[];

  private constructor(
    partition: SharedPartition,
    clock: Clock,
    found: Pick<SharedRecords, 'ends' | 'sharedEnds'> & { readonly runs: readonly Run[] },
  ) {
    this.#partition = partition;
    this.#clock = clock;
    this.ends = found.ends;
    this.sharedEnds = found.sharedEnds;
    this.#runs = found.runs;
  }

  /**
   * Looks the whole partition through. Throws `engine-migrate-source-shortened`,
   * `engine-migrate-source-damaged`, and what reading throws.
   */
  static async open(partition: SharedPartition, clock: Clock): Promise<SharedRecords> {
    const commandBounds = await boundsOf(partition, 'commands');
    const eventBounds = await boundsOf(partition, 'events');
    const first = Math.max(commandBounds.start, eventBounds.start);
    if (first > 1) {
      const details = { partition: partition.partition, first };
      const reason = 'the topics were cut';
      throw engineErrors.create('engine-migrate-source-shortened', { ...details, reason });
    }
    const { runs, end } = await findRuns(partition, commandBounds.end, clock);
    const sharedEnds = { commands: commandBounds.end, events: eventBounds.end };
    const ends = { commands: end, events: 1 };
    const found = new SharedRecords(partition, clock, { ends, sharedEnds, runs });
    for await (const records of found.#decisions()) ends.events += records.length;
    return found;
  }

  async *read(stream: Stream, from: number): AsyncGenerator<readonly Uint8Array[]> {
    if (from >= this.ends[stream]) return;
    if (stream === 'commands') {
      const run = this.#runs.findLast(({ plain }) => plain <= from)!;
      yield* this.#raw('commands', from - run.plain + run.offset);
      return;
    }
    let next = 1;
    for await (const records of this.#decisions()) {
      const wanted = records.slice(Math.max(0, from - next));
      next += records.length;
      if (wanted.length > 0) yield wanted;
    }
  }

  async *#raw(stream: Stream, from: number): AsyncGenerator<readonly Uint8Array[]> {
    const span = { from, end: this.sharedEnds[stream], clock: this.#clock };
    for await (const records of readShared(this.#partition, stream, span)) {
      yield records.map(({ bytes }) => bytes);
    }
  }

  /** The decision records that count, from the first on. */
  async *#decisions(): AsyncGenerator<readonly Uint8Array[]> {
    const gate = new EventGate();
    const span = { from: 1, end: this.sharedEnds.events, clock: this.#clock };
    for await (const records of readShared(this.#partition, 'events', span)) {
      const counting = records.filter(({ offset, bytes }) => {
        const { kind, dropped } = gate.judge(offset, bytes);
        return kind === 'decisions' && dropped === undefined;
      });
      yield counting.map(({ offset, bytes }) => this.#plain(offset, bytes));
    }
  }

  /** As the one process that has a log to itself writes it: see docs/log-format.md, "Decision record". */
  #plain(offset: number, bytes: Uint8Array): Uint8Array {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const command = Number(view.getBigUint64(24, true));
    const index = this.#runs.findLastIndex((run) => run.offset <= command);
    const run = this.#runs[index];
    const plain = run ? command - run.offset + run.plain : 0;
    if (!run || plain >= (this.#runs[index + 1]?.plain ?? this.ends.commands)) {
      const reason = `event ${offset} decides command record ${command}, which is not there`;
      throw damaged(this.#partition, reason);
    }
    view.setUint32(8, 0, true);
    view.setUint32(20, 0, true);
    view.setBigUint64(24, BigInt(plain), true);
    return bytes;
  }
}

async function findRuns(
  partition: SharedPartition,
  end: number,
  clock: Clock,
): Promise<{ readonly runs: readonly Run[]; readonly end: number }> {
  const runs: Run[] = [];
  let plain = 1;
  let expected = -1;
  for await (const records of readShared(partition, 'commands', { from: 1, end, clock })) {
    for (const { offset } of records) {
      if (offset !== expected) runs.push({ offset, plain });
      if (runs.length > runsMax) throw damaged(partition, `it has more than ${runsMax} gaps`);
      expected = offset + 1;
      plain += 1;
    }
  }
  return { runs, end: plain };
}

function damaged({ partition }: SharedPartition, reason: string): Error {
  return engineErrors.create('engine-migrate-source-damaged', { partition, reason });
}
