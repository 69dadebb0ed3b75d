import type { EventView } from '../records/decision-record.ts';
import type { TraceContext } from '../records/trace-context.ts';
import type { Outbox } from './outbox.ts';
import { platformEvent } from './platform-records.ts';

/** What a decision record asks of the world around the fold, once the record counts. */
export interface RecordEffects {
  readonly timers: readonly SetTimer[];
  /** Where messages were sent to, or acknowledged by, and the last sequence number sent there. */
  readonly sent: readonly (readonly [number, number])[];
  /** Source and last sequence number of messages received: the state itself may be ahead by then. */
  readonly received: readonly (readonly [number, number])[];
  /** Those of the messages sent that belong to traces; the latest, at most 1,024. */
  readonly traced: readonly TracedMessage[];
  /** Those of the timers that traces have set; the latest, at most 1,024. */
  readonly tracedTimers: readonly TracedTimer[];
}

export interface SetTimer {
  readonly number: number;
  /** In ms since the epoch. */
  readonly dueAt: number;
}

/** A message to another partition, and the trace it goes on with. */
export interface TracedMessage {
  readonly destination: number;
  readonly sequence: number;
  readonly context: TraceContext;
}

/** A timer, and the decision that set it. */
export interface TracedTimer {
  readonly number: number;
  readonly context: TraceContext;
}

const tracedMax = 1_024;

/** Gathers, while records are folded, what somebody outside has to act on. The state holds all of it but the traces. */
export class FoldEffects {
  /** What the messages and timers of the command at hand go on with. */
  trace: TraceContext | undefined;

  readonly #outbox: Outbox;
  readonly #destinations = new Set<number>();
  readonly #sources = new Set<number>();
  #timers: SetTimer[] = [];
  #traced: TracedMessage[] = [];
  #tracedTimers: TracedTimer[] = [];

  constructor(outbox: Outbox) {
    this.#outbox = outbox;
  }

  /** A platform event was folded. */
  evolved({ type, view, payloadStart }: EventView): void {
    if (type === platformEvent.timerSet) this.#timerSet(view, payloadStart);
    else if (type === platformEvent.messageSent) this.#messageSent(view, payloadStart);
    else if (type === platformEvent.outboxTrimmed) {
      this.#destinations.add(view.getUint16(payloadStart, true));
    }
  }

  /** A message from this partition was read, again or for the first time. */
  received(source: number): void {
    this.#sources.add(source);
  }

  /** Hands over what there is since the last call; undefined when that asks nothing. */
  take(): RecordEffects | undefined {
    const timers = this.#timers;
    if (timers.length + this.#destinations.size + this.#sources.size === 0) return undefined;
    const outbox = this.#outbox;
    const taken = {
      timers,
      sent: [...this.#destinations].map((to) => [to, outbox.nextSequence(to) - 1] as const),
      received: [...this.#sources].map((from) => [from, outbox.lastReceived(from)] as const),
      traced: this.#traced,
      tracedTimers: this.#tracedTimers,
    };
    this.#destinations.clear();
    this.#sources.clear();
    // Empty ones, too: they are the taker's now.
    this.#timers = [];
    this.#traced = [];
    this.#tracedTimers = [];
    return taken;
  }

  /** For readers who do not act on records. Costs nothing where nothing was gathered, as for most records. */
  forget(): void {
    if (this.#destinations.size > 0) this.#destinations.clear();
    if (this.#sources.size > 0) this.#sources.clear();
    if (this.#timers.length > 0) this.#timers = [];
    if (this.#traced.length > 0) this.#traced = [];
    if (this.#tracedTimers.length > 0) this.#tracedTimers = [];
  }

  #timerSet(view: DataView, start: number): void {
    const number = view.getUint32(start + 8, true);
    this.#timers.push({ number, dueAt: view.getFloat64(start, true) });
    if (this.trace) addLatest(this.#tracedTimers, { number, context: this.trace });
  }

  #messageSent(view: DataView, start: number): void {
    const destination = view.getUint16(start, true);
    this.#destinations.add(destination);
    if (!this.trace) return;
    const sequence = view.getUint32(start + 4, true);
    addLatest(this.#traced, { destination, sequence, context: this.trace });
  }
}

function addLatest<Traced>(list: Traced[], one: Traced): void {
  if (list.length >= tracedMax) list.shift();
  list.push(one);
}
