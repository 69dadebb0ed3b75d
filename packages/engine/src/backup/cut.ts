import assert from 'node:assert/strict';
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

/** A cut with what it says of messages, by the number of the other partition; grows while it is walked. */
interface Walked {
  end: number;
  commandEnd: number;
  firstAt: number;
  lastAt: number;
  /** Last sequence number sent to each. */
  readonly sent: number[];
  /** Last one received from each. */
  readonly received: number[];
  /** Last one that each has acknowledged. */
  readonly acknowledged: number[];
}

/** Limits, and what the other partitions' cuts allow: how far messages are on their side, by partition. */
interface Allowed extends CutLimit {
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
  stopEvery = stopEverySteps,
): Promise<CutPartition[]> {
  const count = histories.length;
  const walks = histories.map((_, partition) => new Walk(count, partition, stopEvery));
  for (const [partition, history] of histories.entries()) {
    const allowed = { ...limitOf(partition), received: free, acknowledged: free };
    await walks[partition]!.go(history, allowed, history.end, (records) =>
      onRead(partition, records),
    );
  }
  for (let misfit = findMisfit(walks); misfit >= 0; misfit = findMisfit(walks)) {
    const allowed = {
      received: (source: number) => walks[source]!.cut.sent[misfit]!,
      acknowledged: (destination: number) => walks[destination]!.cut.received[misfit]!,
    };
    const { end } = walks[misfit]!.cut;
    await walks[misfit]!.go(histories[misfit]!, allowed, end, () => {});
    assert.ok(walks[misfit]!.cut.end < end, 'what does not fit goes back');
  }
  return walks.map(({ cut: { end, commandEnd, firstAt, lastAt } }) => ({
    ...{ end, commandEnd, firstAt, lastAt },
  }));
}

/** Where to begin again is kept now and then: what does not fit is near the end, and a log is long. */
const stopEverySteps = 4_096;
const stopsKept = 3;
const free = () => Number.POSITIVE_INFINITY;

/** A partition that has to go back, or -1. */
function findMisfit(walks: readonly Walk[]): number {
  return walks.findIndex(({ cut: { received, acknowledged } }, self) =>
    walks.some(
      ({ cut: other }, peer) =>
        peer !== self &&
        (received[peer]! > other.sent[self]! || acknowledged[peer]! > other.received[self]!),
    ),
  );
}

/** Goes through a partition's history as far as it may, and back when it may no longer. */
class Walk {
  /** Of what it went through. */
  cut: Walked;
  readonly #self: number;
  readonly #stopEvery: number;
  /** Earlier cuts, the empty one and the latest. */
  #stops: readonly Walked[];
  readonly #decisions = new DecisionRecordReader();

  constructor(count: number, self: number, stopEvery: number) {
    const zeros = () => Array.from({ length: count }, () => 0);
    this.cut = {
      ...{ end: 1, commandEnd: 1, firstAt: 0, lastAt: 0 },
      ...{ sent: zeros(), received: zeros(), acknowledged: zeros() },
    };
    this.#stops = [this.cut];
    this.#self = self;
    this.#stopEvery = stopEvery;
  }

  /** Goes to event `end`, or to where it may not go on, from the last stop that is allowed. */
  async go(
    history: DecidedRecords,
    allowed: Allowed,
    end: number,
    onRead: (records: number) => void,
  ): Promise<void> {
    this.#stops = this.#stops.filter((stop) => isAllowed(stop, allowed));
    this.cut = copyOf(this.#stops.at(-1)!);
    for await (const steps of history.read(end, this.cut)) {
      onRead(steps.length);
      for (const step of steps) if (!this.#take(step, allowed)) return;
    }
  }

  /** False when the cut is before this step. */
  #take({ offset, event, commands, at }: DecidedRecord, allowed: Allowed): boolean {
    const { until = free(), lastEvent = free() } = allowed;
    if (at > until || offset > lastEvent || !this.#fits(event, allowed)) return false;
    const { cut } = this;
    this.#eachMessage(event, (type, peer, sequence) => {
      if (type === platformEvent.messageSent) cut.sent[peer] = sequence;
      else if (type === platformEvent.messageReceived) cut.received[peer] = sequence;
      else cut.acknowledged[peer] = sequence;
    });
    if (cut.end === 1) cut.firstAt = at;
    cut.lastAt = at;
    cut.end = offset + 1;
    cut.commandEnd += commands.length;
    if (offset % this.#stopEvery === 0) {
      const [empty, ...later] = this.#stops;
      this.#stops = [empty!, ...later.slice(-stopsKept + 1), copyOf(cut)];
    }
    return true;
  }

  #fits(event: Uint8Array, allowed: Allowed): boolean {
    let fits = true;
    this.#eachMessage(event, (type, peer, sequence) => {
      if (type === platformEvent.messageReceived) {
        fits &&= sequence <= allowed.received(peer);
      } else if (type === platformEvent.outboxTrimmed) {
        fits &&= sequence <= allowed.acknowledged(peer);
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
}

function isAllowed({ received, acknowledged }: Walked, allowed: Allowed): boolean {
  return (
    received.every((sequence, peer) => sequence <= allowed.received(peer)) &&
    acknowledged.every((sequence, peer) => sequence <= allowed.acknowledged(peer))
  );
}

function copyOf(cut: Walked): Walked {
  const { sent, received, acknowledged } = cut;
  return {
    ...cut,
    ...{ sent: [...sent], received: [...received], acknowledged: [...acknowledged] },
  };
}

const messageEvents: ReadonlySet<number> = new Set([
  platformEvent.messageSent,
  platformEvent.messageReceived,
  platformEvent.outboxTrimmed,
]);
