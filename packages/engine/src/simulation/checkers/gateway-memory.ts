/** What a decision record tells of commands. */
export interface DecidedRecord {
  /** Of the gateway that sent the commands. */
  readonly origin: number;
  readonly decisions: readonly {
    readonly id: string;
    /** See `sendingOf`. */
    readonly sending: string;
    /** Its id belongs to another command, of which this decision says nothing. */
    readonly isReused: boolean;
    /** Another partition has it: may be remembered once as decided, and once as told. */
    readonly isPending: boolean;
  }[];
  /** Ids of commands of which it has the last word. */
  readonly lastWords: readonly string[];
}

/** One sending of a command, or several of the same millisecond. */
interface Sending {
  /** How many are under way, and their senders wait. */
  waitedFor: number;
  /** How many whose senders were told that they are undecided: under way, or refused since. */
  late: number;
  /** Among the entries. */
  at: number;
}

interface Memory {
  readonly sendings: Map<string, Sending>;
  /** The newest entry with a decision or last word; likewise with a last word. */
  toldAt: number;
  lastWordAt: number;
}

const never = Number.NEGATIVE_INFINITY;

/**
 * What one life of a gateway surely remembers of commands: it keeps so many of the latest entries, and makes no more of
 * them than are counted here.
 */
export class GatewayMemory {
  readonly #origin: number;
  readonly #entriesMax: number;
  readonly #byId = new Map<string, Memory>();
  #entries = 0;

  constructor(origin: number, entriesMax: number) {
    this.#origin = origin;
    this.#entriesMax = entriesMax;
  }

  taken(id: string, sending: string): void {
    const { sendings } = this.#of(id);
    const found = sendings.get(sending) ?? { waitedFor: 0, late: 0, at: 0 };
    this.#entries += 1;
    found.waitedFor += 1;
    found.at = this.#entries;
    sendings.set(sending, found);
  }

  /** Its sender is told that nothing was done. */
  undone(id: string, sending: string): void {
    const found = this.#byId.get(id)?.sendings.get(sending);
    if (found) found.waitedFor -= 1;
  }

  /** Its sender is told that it is not decided yet. */
  undecided(id: string, sending: string): void {
    const found = this.#byId.get(id)?.sendings.get(sending);
    if (!found) return;
    found.waitedFor -= 1;
    found.late += 1;
  }

  /** The archive is asked for a last word, which may become an entry. */
  searches(): void {
    this.#entries += 1;
  }

  heard({ origin, decisions, lastWords }: DecidedRecord): void {
    if (origin === this.#origin) {
      for (const decision of decisions) this.#decided(decision);
    }
    for (const id of lastWords) {
      this.#entries += 1;
      const memory = this.#of(id);
      memory.toldAt = this.#entries;
      memory.lastWordAt = this.#entries;
    }
  }

  #decided({ id, sending, isReused, isPending }: DecidedRecord['decisions'][number]): void {
    this.#entries += isPending ? 2 : 1;
    const memory = this.#of(id);
    const found = memory.sendings.get(sending);
    if (found && found.waitedFor > 0) found.waitedFor -= 1;
    else if (found) found.late -= 1;
    if (!isReused) memory.toldAt = this.#entries;
  }

  mayBeUnderWay(id: string): boolean {
    const sendings = [...(this.#byId.get(id)?.sendings.values() ?? [])];
    return sendings.some(({ waitedFor, late }) => waitedFor + late > 0);
  }

  /** Whether it surely knows that the command is under way, or what was decided. */
  knows(id: string): boolean {
    const memory = this.#byId.get(id);
    if (!memory) return false;
    if (this.#isKept(memory.toldAt)) return true;
    return [...memory.sendings.values()].some(
      ({ waitedFor, at }) => waitedFor > 0 && this.#isKept(at),
    );
  }

  knowsLastWord(id: string): boolean {
    return this.#isKept(this.#byId.get(id)?.lastWordAt ?? never);
  }

  #isKept(entry: number): boolean {
    return this.#entries - entry < this.#entriesMax;
  }

  #of(id: string): Memory {
    let memory = this.#byId.get(id);
    if (!memory) {
      memory = { sendings: new Map(), toldAt: never, lastWordAt: never };
      this.#byId.set(id, memory);
    }
    return memory;
  }
}
