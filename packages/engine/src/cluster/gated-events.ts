import type { LogFollower, LogSubscription, SharedPartition } from 'veltrix';
import { EventGate, firstPosition, type GatePosition } from 'veltrix/cluster';

/** A position of the gate is kept this often, so that reading can begin again near any offset. */
const positionEvery = 4_096;
const positionsMax = 1_024;

/** Reads decision records that count, in offset order, from wherever it is told. */
export class GatedEvents {
  readonly #partition: SharedPartition;
  /** By offset, ascending: what the gate knew when all before it was read. */
  #positions: { readonly next: number; readonly position: GatePosition }[] = [
    { next: 1, position: firstPosition },
  ];

  #hasFollowed = false;

  constructor(partition: SharedPartition) {
    this.#partition = partition;
  }

  /** All before `next` was read, here or by somebody else. */
  know(next: number, position: GatePosition): void {
    const at = this.#positions.findIndex((known) => known.next >= next);
    const known = { next, position };
    if (at < 0) this.#positions.push(known);
    else if (this.#positions[at]!.next !== next) this.#positions.splice(at, 0, known);
    // Every other one is let go of: what is between is read again.
    if (this.#positions.length > positionsMax) {
      this.#positions = this.#positions.filter((_, index) => index % 2 === 0);
    }
  }

  /** Whether `follow` can begin at `from` in a log that is kept from `start` on. */
  reaches(from: number, start: number): boolean {
    const known = this.#positions.findLast(({ next }) => next <= from)!;
    return known.next >= start || (!this.#hasFollowed && from > start);
  }

  /**
   * As `SharedPartition.follow`, without records that do not count. The first time, `from` is 1 or the
   * offset after a decision record that counted; later it is any.
   */
  follow(from: number, follower: LogFollower): LogSubscription {
    const known = this.#positions.findLast(({ next }) => next <= from)!;
    const isFar = !this.#hasFollowed && from > known.next;
    this.#hasFollowed = true;
    // The record before tells the position itself, since it counted.
    const begin = isFar ? from - 1 : known.next;
    let gate = isFar ? undefined : new EventGate(known.position);
    let sinceKept = 0;
    const subscription = this.#partition.follow('events', begin, {
      ...follower,
      record: (offset, bytes) => {
        if (gate === undefined) {
          gate = new EventGate(positionAfter(bytes));
          this.know(offset + 1, gate.position);
          return;
        }
        let counts: boolean;
        try {
          const { kind, dropped } = gate.judge(offset, bytes);
          counts = kind === 'decisions' && dropped === undefined;
        } catch (error) {
          subscription.stop();
          follower.ended(error as Error);
          return;
        }
        sinceKept += 1;
        if (sinceKept >= positionEvery) {
          sinceKept = 0;
          this.know(offset + 1, gate.position);
        }
        if (counts && offset >= from) follower.record(offset, bytes);
      },
    });
    return subscription;
  }
}

/** What a gate knows after a decision record that counts. */
function positionAfter(bytes: Uint8Array): GatePosition {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    epoch: view.getUint32(8, true),
    sequence: view.getUint32(20, true),
    decidedOffset: Number(view.getBigUint64(24, true)),
  };
}
