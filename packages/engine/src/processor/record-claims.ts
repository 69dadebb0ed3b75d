/** Under way to one thread at once; what is above crosses without a ticket. */
const usualPlaces = 1 << 16;
const ticketMost = 2 ** 31 - 1;
/** What was withdrawn is in the thread's memory until that passes it, and counts against no other limit. */
const withdrawnMost = 64;
const free = 0;
const withdrawn = -1;

/**
 * Who has a record that crosses to another thread: the thread that begins it, or the sender that takes it back.
 * Both may want it in the same moment, and one of them gets it. One word of shared memory for each record under
 * way: free, the record's ticket, or withdrawn.
 */
export class RecordClaims {
  /** Crosses to the thread. */
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #places: number;
  #last = 0;
  /** Places of what was withdrawn, some of them passed by now. */
  #withdrawn: number[] = [];

  /** @param memory that of the other side, or of another size, 4 bytes a place */
  constructor(memory = new SharedArrayBuffer(usualPlaces * Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
    this.#places = this.#words.length;
  }

  /** The sender's: the ticket of the next record, from 1; 0 where too many are under way. */
  offer(): number {
    const ticket = this.#last === ticketMost ? 1 : this.#last + 1;
    const place = ticket % this.#places;
    if (Atomics.load(this.#words, place) !== free) return 0;
    Atomics.store(this.#words, place, ticket);
    this.#last = ticket;
    return ticket;
  }

  /** The sender's: true when the record will not be begun any more; false, too, where many are still to be passed. */
  withdraw(ticket: number): boolean {
    if (ticket === 0 || !this.#mayWithdraw()) return false;
    const place = ticket % this.#places;
    if (Atomics.compareExchange(this.#words, place, ticket, withdrawn) !== ticket) return false;
    this.#withdrawn.push(place);
    return true;
  }

  #mayWithdraw(): boolean {
    if (this.#withdrawn.length < withdrawnMost) return true;
    this.#withdrawn = this.#withdrawn.filter(
      (place) => Atomics.load(this.#words, place) === withdrawn,
    );
    return this.#withdrawn.length < withdrawnMost;
  }

  /** The thread's, once for each record: false when it was withdrawn. */
  begin(ticket: number): boolean {
    if (ticket === 0) return true;
    return Atomics.exchange(this.#words, ticket % this.#places, free) === ticket;
  }
}
