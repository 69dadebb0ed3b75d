import { DecisionRecordReader, platformEvent } from 'veltrix';
import type { DecidedRecord, DecidedRecords } from './decided-records.ts';

/** Where a partition's history may end at the latest. */
export interface CutLimit {
  /** No step with a later time, nor what came after one; milliseconds since 1970. */
  readonly until?: number;
  /** Offset of the last decision record that is kept. */
  readonly lastEvent?: number;
}

/** A prefix of a partition's history. */
export interface CutPartition {
  /** Offset above the last decision record that is kept. */
  readonly end: number;
  /** Offset above the last command record that is kept: the one decided last. */
  readonly commandEnd: number;
  /** Times of the first and the last step; 0 where there is none. */
  readonly firstAt: number;
  readonly lastAt: number;
}

/** A cut with what it says of messages, by the number of the other partition. */
interface Walked extends CutPartition {
  /** Last sequence number sent to each. */
  readonly sent: readonly number[];
  /** Last one received from each. */
  readonly received: readonly number[];
  /** Last one that each has acknowledged. */
  readonly acknowledged: readonly number[];
}

/** What the other partitions' cuts allow: the state of the messages on their side, by partition. */
interface Allowed {
  readonly received: (source: number) => number;
  readonly acknowledged: (destination: number) => number;
}

/**
 * The longest prefixes within the limits that fit together: no partition has received a message that its
 * sender has not sent, and none has forgotten a message that its receiver has not received. There is
 * one longest, as of two sets of prefixes that fit, the longer ones of each partition fit, too. So it is found by
 * going back wherever something does not fit, until all fits (decision 24).
 */
export async function findCut(
  histories: readonly DecidedRecords[],
  limitOf: (partition: number) => CutLimit,
  onRead: (partition: number, records: number) => void,
): Promise<CutPartition[]> {
  const count = histories.length;
  const free = () => Number.POSITIVE_INFINITY;
  const cuts: Walked[] = [];
  for (const [partition, history] of histories.entries()) {
    const walk = new Walk(count, partition, limitOf(partition), {
      received: free,
      acknowledged: free,
    });
    cuts.push(await walked(history, walk, history.end, (records) => onRead(partition, records)));
  }
  for (let misfit = findMisfit(cuts); misfit >= 0; misfit = findMisfit(cuts)) {
    const walk = new Walk(
      count,
      misfit,
      {},
      {
        received: (source) => cuts[source]!.sent[misfit]!,
        acknowledged: (destination) => cuts[destination]!.received[misfit]!,
      },
    );
    cuts[misfit] = await walked(histories[misfit]!, walk, cuts[misfit]!.end, () => {});
  }
  return cuts.map(({ end, commandEnd, firstAt, lastAt }) => ({
    ...{ end, commandEnd, firstAt, lastAt },
  }));
}

/** A partition that has to go back, or -1. */
function findMisfit(cuts: readonly Walked[]): number {
  return cuts.findIndex(({ received, acknowledged }, self) =>
    cuts.some(
      (other, peer) =>
        peer !== self &&
        (received[peer]! > other.sent[self]! || acknowledged[peer]! > other.received[self]!),
    ),
  );
}

async function walked(
  history: DecidedRecords,
  walk: Walk,
  end: number,
  onRead: (records: number) => void,
): Promise<Walked> {
  for await (const steps of history.read(end)) {
    onRead(steps.length);
    for (const step of steps) if (!walk.take(step)) return walk.result;
  }
  return walk.result;
}

/** Goes through a history as far as it may. */
class Walk {
  readonly #self: number;
  readonly #limit: CutLimit;
  readonly #allowed: Allowed;
  readonly #decisions = new DecisionRecordReader();
  readonly #sent: number[];
  readonly #received: number[];
  readonly #acknowledged: number[];
  #end = 1;
  #commandEnd = 1;
  #firstAt = 0;
  #lastAt = 0;

  constructor(count: number, self: number, limit: CutLimit, allowed: Allowed) {
    this.#self = self;
    this.#limit = limit;
    this.#allowed = allowed;
    const zeros = () => Array.from({ length: count }, () => 0);
    [this.#sent, this.#received, this.#acknowledged] = [zeros(), zeros(), zeros()];
  }

  /** False when the cut is before this step. */
  take({ offset, event, commands, at }: DecidedRecord): boolean {
    const { until = Number.POSITIVE_INFINITY, lastEvent = Number.POSITIVE_INFINITY } = this.#limit;
    if (at > until || offset > lastEvent || !this.#fits(event)) return false;
    this.#eachMessage(event, (type, peer, sequence) => {
      if (type === platformEvent.messageSent) this.#sent[peer] = sequence;
      else if (type === platformEvent.messageReceived) this.#received[peer] = sequence;
      else this.#acknowledged[peer] = sequence;
    });
    if (this.#end === 1) this.#firstAt = at;
    this.#lastAt = at;
    this.#end = offset + 1;
    this.#commandEnd += commands.length;
    return true;
  }

  #fits(event: Uint8Array): boolean {
    let fits = true;
    this.#eachMessage(event, (type, peer, sequence) => {
      if (type === platformEvent.messageReceived) {
        fits &&= sequence <= this.#allowed.received(peer);
      } else if (type === platformEvent.outboxTrimmed) {
        fits &&= sequence <= this.#allowed.acknowledged(peer);
      }
    });
    return fits;
  }

  /** Messages to the partition itself are decided where they are sent. */
  #eachMessage(
    record: Uint8Array,
    visit: (type: number, peer: number, sequence: number) => void,
  ): void {
    const reader = this.#decisions;
    reader.open(record);
    while (reader.next()) {
      while (reader.nextEvent()) {
        const { type, view, payloadStart } = reader.event;
        if (!messageEvents.has(type)) continue;
        const peer = view.getUint16(payloadStart, true);
        if (peer !== this.#self) visit(type, peer, view.getUint32(payloadStart + 4, true));
      }
    }
  }

  get result(): Walked {
    return {
      ...{ end: this.#end, commandEnd: this.#commandEnd },
      ...{ firstAt: this.#firstAt, lastAt: this.#lastAt },
      ...{ sent: this.#sent, received: this.#received, acknowledged: this.#acknowledged },
    };
  }
}

const messageEvents: ReadonlySet<number> = new Set([
  platformEvent.messageSent,
  platformEvent.messageReceived,
  platformEvent.outboxTrimmed,
]);
