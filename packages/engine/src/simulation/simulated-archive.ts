import type { Clock } from 'veltrix';
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

interface Fault {
  /** A record is archived so long after it is durable. */
  readonly behindMs: number;
  readonly failChance: number;
  readonly delayMaxMs: number;
}

const calm: Fault = { behindMs: 0, failChance: 0, delayMaxMs: 1 };

/** What is durable, a while later; asked by gateways, it takes its time, or fails. */
export class SimulatedArchive implements Checker {
  readonly name = 'simulated-archive';
  /** How often it told a last word that came from another partition. */
  lastWords = 0;
  readonly #options: SimulatedArchiveOptions;
  readonly #random: SeededRandom;
  readonly #reader = new ArchivedRecords();
  readonly #records: (PlacedRecord & { readonly durableAt: number })[] = [];
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
    this.#records.push({ partition, offset, bytes, durableAt: this.#options.now() });
  }

  heal(): void {
    this.#fault = calm;
  }

  /** What became of a command; no answer once the clock's process has died. */
  async outcome(commandId: string, clock: Clock): Promise<ArchivedOutcome | undefined> {
    const archive: Pick<Archive, 'decision' | 'events'> = {
      decision: () => this.#answer(clock, () => this.#firstOf(commandId, this.#archived())),
      events: (query) => this.#answer(clock, () => this.#events(query)),
    };
    return archivedOutcome(archive, commandId);
  }

  /** Whether another partition was asked for what is pending. */
  isAskedFor(commandId: string): boolean {
    return this.#firstOf(commandId, this.#records)?.waits !== undefined;
  }

  #answer<Answer>(clock: Clock, look: () => Answer): Promise<Answer> {
    const { delayMaxMs, failChance } = this.#fault;
    const delayMs = this.#random.between(0, delayMaxMs);
    const fails = this.#random.chance(failChance);
    return new Promise((resolve, reject) => {
      clock.after(delayMs, () => {
        this.#options.kept();
        if (fails) reject(new Error('the archive does not answer'));
        else resolve(look());
      });
    });
  }

  #archived(): PlacedRecord[] {
    const until = this.#options.now() - this.#fault.behindMs;
    return this.#records.filter(({ durableAt }) => durableAt <= until);
  }

  #firstOf(commandId: string, records: readonly PlacedRecord[]): ArchivedDecision | undefined {
    for (const record of records) {
      const found = this.#reader.decision(record, commandId);
      if (found) return found;
    }
    return undefined;
  }

  #events(query: EventQuery): ArchivedEvent[] {
    const found: ArchivedEvent[] = [];
    const { partition, offset } = query.after!;
    for (const record of this.#archived()) {
      if (record.partition !== partition || record.offset < offset) continue;
      this.#reader.match(record, query, found);
      if (found.length >= query.limit) break;
    }
    this.lastWords += found.length;
    return found;
  }
}
