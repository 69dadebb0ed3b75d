import { type Clock, CodedError } from 'veltrix';

/** What the views have of a partition does not go with the log: it is begun again, and stale meanwhile. */
export interface Repair {
  readonly partition: number;
  /** What was found. */
  readonly error: CodedError;
  /** When it is begun again, in milliseconds from now. */
  readonly pauseMs: number;
}

export interface PartitionRepairsOptions {
  readonly clock: Pick<Clock, 'now' | 'after'>;
  /** Before each try, in milliseconds. Default 1 s to 5 min. */
  readonly pausesMs?: readonly number[] | undefined;
  readonly onRepair?: ((repair: Repair) => void) | undefined;
  /** All of the partition is shown again. */
  readonly onRepaired?: ((partition: number) => void) | undefined;
  /** It was found again after each of the tries, or one of them failed. Told once of a partition. */
  readonly onGivenUp: (error: CodedError) => void;
}

/** Whoever is needed to begin a partition again could not be asked, and may be later. */
export class AskLaterError extends Error {}

/** Begins the partition again. Rejects with `AskLaterError` where that cannot be tried now. */
type Beginning = () => void | Promise<void>;

interface Tries {
  count: number;
  /** Since when it is whole, or another process has it, ms since the epoch; undefined before. */
  wholeSince: number | undefined;
}

interface UnderRepair {
  /** What was found last. */
  readonly error: CodedError;
  isGivenUp: boolean;
  /** Ends the pause before the next try. */
  cancel: () => void;
}

const defaultPausesMs = [1_000, 10_000, 60_000, 300_000];
const forgottenAfterMs = 3_600_000;
/** Until a try that could not be made is made. */
const askAgainMs = 1_000;

/**
 * Begins partitions of views again that were found not to go with the log: a few times, with growing pauses, which begin
 * anew after an hour of being whole. So a program that is wrong does not read the log for ever.
 */
export class PartitionRepairs {
  /** How often it was found since this process began. */
  found = 0;
  readonly #options: PartitionRepairsOptions;
  /** By partition; forgotten after an hour in which it was whole. */
  readonly #tries = new Map<number, Tries>();
  /** Those that are not shown whole yet. */
  readonly #underRepair = new Map<number, UnderRepair>();
  #isClosed = false;

  constructor(options: PartitionRepairsOptions) {
    this.#options = options;
  }

  /** Partitions that are not whole again, those that were given up included. */
  get partitions(): number {
    return this.#underRepair.size;
  }

  /** @param beginning of the try that comes, the first after an hour of being whole being 0 */
  begin(partition: number, error: CodedError, beginning: (tried: number) => Beginning): void {
    const { pausesMs = defaultPausesMs, onRepair } = this.#options;
    const repair = this.#foundAgain(partition, error);
    if (repair === undefined) return;
    const tries = this.#triesOf(partition);
    const tried = tries.count;
    const pauseMs = pausesMs[tried];
    if (pauseMs === undefined) return this.#giveUp(repair, error);
    tries.count += 1;
    onRepair?.({ partition, error, pauseMs });
    this.#after(pauseMs, partition, repair, beginning(tried));
  }

  /** It was found again where another try cannot help. */
  giveUp(partition: number, error: CodedError): void {
    const repair = this.#foundAgain(partition, error);
    if (repair !== undefined) this.#giveUp(repair, error);
  }

  /** All of the partition is shown. */
  whole(partition: number): void {
    if (!this.#underRepair.delete(partition)) return;
    this.#triesOf(partition).wholeSince = this.#options.clock.now();
    this.#options.onRepaired?.(partition);
  }

  /** Another process has the partition now. */
  release(partition: number): void {
    const repair = this.#underRepair.get(partition);
    if (repair === undefined) return;
    repair.cancel();
    this.#underRepair.delete(partition);
    this.#triesOf(partition).wholeSince = this.#options.clock.now();
  }

  /** Begins nothing any more. */
  close(): void {
    this.#isClosed = true;
    for (const { cancel } of this.#underRepair.values()) cancel();
  }

  /** Takes the place of what is to come; undefined where it was given up before. */
  #foundAgain(partition: number, error: CodedError): UnderRepair | undefined {
    this.found += 1;
    const before = this.#underRepair.get(partition);
    if (before?.isGivenUp) return undefined;
    before?.cancel();
    const repair: UnderRepair = { error, isGivenUp: false, cancel: () => {} };
    this.#underRepair.set(partition, repair);
    return repair;
  }

  #triesOf(partition: number): Tries {
    const now = this.#options.clock.now();
    let tries = this.#tries.get(partition);
    const isForgotten = now - (tries?.wholeSince ?? now) >= forgottenAfterMs;
    if (tries === undefined || isForgotten) {
      tries = { count: 0, wholeSince: undefined };
      this.#tries.set(partition, tries);
    }
    tries.wholeSince = undefined;
    return tries;
  }

  #after(ms: number, partition: number, repair: UnderRepair, beginning: Beginning): void {
    const { clock } = this.#options;
    repair.cancel = clock.after(ms, () => void this.#try(partition, repair, beginning));
  }

  async #try(partition: number, repair: UnderRepair, beginning: Beginning): Promise<void> {
    try {
      await beginning();
    } catch (error) {
      const isWanted = !this.#isClosed && this.#underRepair.get(partition) === repair;
      if (!isWanted) return;
      // Whoever could not be asked is told of elsewhere.
      if (error instanceof AskLaterError) this.#after(askAgainMs, partition, repair, beginning);
      else this.#giveUp(repair, error instanceof CodedError ? error : repair.error);
    }
  }

  #giveUp(repair: UnderRepair, error: CodedError): void {
    repair.isGivenUp = true;
    this.#options.onGivenUp(error);
  }
}
