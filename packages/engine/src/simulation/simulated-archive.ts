import { type Clock, DecisionRecordReader } from 'veltrix';
import { type Checker, SeededRandom } from 'veltrix/simulator';
import type { Archive, ArchivedDecision, ArchivedEvent, EventQuery } from '../archive/archive.ts';
import { type ArchivedOutcome, archivedOutcome } from '../archive/archived-outcome.ts';
import { ArchivedRecords, type PlacedRecord } from '../archive/archived-record.ts';

export interface SimulatedArchiveOptions {
  readonly seed: number;
  /** Simulated milliseconds. */
  readonly now: () => number;
  /** A promise was kept: whoever waits for it goes on before anything else happens. */
  readonly kept: () => void;
}

/** The archive, as one who asks reaches it. */
export interface ArchiveConnection extends Pick<Archive, 'decision' | 'events'> {
  /** Whether it has failed to answer. */
  hasFailed: boolean;
}

interface Fault {
  /** A record is archived so long after it is durable. */
  readonly behindMs: number;
  readonly failChance: number;
  readonly delayMaxMs: number;
}

type DurableRecord = PlacedRecord & { readonly durableAt: number };

const calm: Fault = { behindMs: 0, failChance: 0, delayMaxMs: 1 };

/** What is durable, a while later; asked by gateways, it takes its time, or fails. */
export class SimulatedArchive implements Checker {
  readonly name = 'simulated-archive';
  /** How often it told a gateway that searched for it a last word that came from another partition. */
  lastWords = 0;
  readonly #options: SimulatedArchiveOptions;
  readonly #random: SeededRandom;
  readonly #decisions = new DecisionRecordReader();
  readonly #reader = new ArchivedRecords();
  readonly #records: DurableRecord[] = [];
  /** By command id. */
  readonly #firstRecords = new Map<string, DurableRecord>();
  #fault: Fault;

  constructor(options: SimulatedArchiveOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed, 25);
    this.#fault = {
      behindMs: this.#random.pick([0, 20, 300]),
      failChance: this.#random.pick([0, 0.3]),
      delayMaxMs: this.#random.pick([1, 20, 120]),
    };
  }

  decided(partition: number, offset: number, bytes: Uint8Array): void {
    const record = { partition, offset, bytes, durableAt: this.#options.now() };
    this.#records.push(record);
    const { decision } = this.#decisions;
    this.#decisions.open(bytes);
    while (this.#decisions.next()) {
      const id = Buffer.from(bytes.subarray(decision.idStart, decision.idStart + 16));
      const commandId = id.toString('hex');
      if (!this.#firstRecords.has(commandId)) this.#firstRecords.set(commandId, record);
    }
  }

  heal(): void {
    this.#fault = calm;
  }

  /** It has what was durable by then; simulated milliseconds. */
  get archivedUntil(): number {
    return this.#options.now() - this.#fault.behindMs;
  }

  /** What became of a command, for a gateway that searches for its last word. */
  async outcome(commandId: string, clock: Clock): Promise<ArchivedOutcome | undefined> {
    const archive = this.connect(clock, this.#random);
    const events = async (query: EventQuery) => {
      const found = await archive.events(query);
      this.lastWords += found.length;
      return found;
    };
    return archivedOutcome({ ...archive, events }, commandId);
  }

  /** @param clock after the death of whose process there is no answer. @param random draws delays and failures */
  connect(clock: Pick<Clock, 'after'>, random: SeededRandom): ArchiveConnection {
    const answer = <Answer>(look: () => Answer): Promise<Answer> => {
      const { delayMaxMs, failChance } = this.#fault;
      const delayMs = random.between(0, delayMaxMs);
      const fails = random.chance(failChance);
      return new Promise((resolve, reject) => {
        clock.after(delayMs, () => {
          this.#options.kept();
          connection.hasFailed ||= fails;
          if (fails) reject(new Error('the archive does not answer'));
          else resolve(look());
        });
      });
    };
    const connection: ArchiveConnection = {
      hasFailed: false,
      decision: (commandId) => answer(() => this.#firstOf(commandId, this.archivedUntil)),
      events: (query) => answer(() => this.#events(query)),
    };
    return connection;
  }

  /** Whether another partition was asked for what is pending. */
  isAskedFor(commandId: string): boolean {
    return this.#firstOf(commandId, Number.POSITIVE_INFINITY)?.waits !== undefined;
  }

  #firstOf(commandId: string, until: number): ArchivedDecision | undefined {
    const record = this.#firstRecords.get(commandId);
    if (record === undefined || record.durableAt > until) return undefined;
    return this.#reader.decision(record, commandId);
  }

  #events(query: EventQuery): ArchivedEvent[] {
    const found: ArchivedEvent[] = [];
    const { partition, offset } = query.after!;
    const until = this.archivedUntil;
    for (const record of this.#records) {
      if (record.durableAt > until || found.length >= query.limit) break;
      if (record.partition !== partition || record.offset < offset) continue;
      this.#reader.match(record, query, found);
    }
    return found;
  }
}
