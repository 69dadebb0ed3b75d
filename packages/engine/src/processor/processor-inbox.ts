import type { RecordClaims } from './record-claims.ts';

/**
 * A port hands over all that waits in one turn, and a message may hold a whole crowd. About this much a
 * turn lets the disk's answers in between: else a group is synced only after everything was folded,
 * and checkpoints starve.
 */
const usualTurnBytes = 128 * 1024;

export interface ProcessorInboxOptions<Host> {
  readonly claims: RecordClaims;
  /** Runs a task in the thread's next turn. */
  readonly nextTurn: (task: () => void) => void;
  /** Appends and decides a record, or refuses it to its sender; does not throw. */
  readonly take: (host: Host, partition: number, record: Uint8Array) => void;
  /** Counts tasks; nobody does where there is none. */
  readonly meter?: { begun: number; put(): void } | undefined;
  /** Of records, in one turn; 128 KiB when not given. */
  readonly turnBytes?: number;
}

/** What waits for one of the processors' threads, in the order in which it came, until the partitions are recovered and after. */
export class ProcessorInbox<Host> {
  readonly #options: ProcessorInboxOptions<Host>;
  readonly #turnBytes: number;
  readonly #tasks: ((host: Host) => number)[] = [];
  #turnLeft: number;
  #host: Host | undefined;

  constructor(options: ProcessorInboxOptions<Host>) {
    this.#options = options;
    this.#turnBytes = options.turnBytes ?? usualTurnBytes;
    this.#turnLeft = this.#turnBytes;
  }

  get isOpen(): boolean {
    return this.#host !== undefined;
  }

  /** The partitions are recovered. */
  open(host: Host): void {
    this.#host = host;
    this.pump();
  }

  /** Nothing more is begun. */
  close(): void {
    this.#host = undefined;
  }

  /** Puts in what is to be done, which returns how many bytes of records it took; call `pump` afterwards. */
  put(task: (host: Host) => number): void {
    this.#tasks.push(task);
    this.#options.meter?.put();
  }

  /** A record of commands, which its sender may withdraw until it is begun. Not copied. */
  putRecord(partition: number, ticket: number, record: Uint8Array): void {
    const { claims, take } = this.#options;
    this.put((host) => {
      if (!claims.begin(ticket)) return 0;
      take(host, partition, record);
      return record.length;
    });
  }

  /** Goes through the tasks in order until this turn has had its share; the next turn goes on. */
  pump(): void {
    const { meter, nextTurn } = this.#options;
    const host = this.#host;
    while (host !== undefined && this.#turnLeft > 0) {
      const next = this.#tasks.shift();
      if (next === undefined) return;
      if (meter) meter.begun += 1;
      if (this.#turnLeft === this.#turnBytes) nextTurn(this.#beginTurn);
      this.#turnLeft -= Math.max(1, next(host));
    }
  }

  readonly #beginTurn = (): void => {
    this.#turnLeft = this.#turnBytes;
    this.pump();
  };
}
