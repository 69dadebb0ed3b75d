import { DecisionRecordReader, type DecisionView, type EventView } from 'veltrix';
import type { DecidedSource } from '../bus/bus.ts';

/** Sees every durable decision, of all partitions, in offset order of each. What it is given is borrowed for the call. */
export interface DecisionVisitor {
  /** A record begins. */
  record?(partition: number, offset: number, reader: DecisionRecordReader): void;
  decision?(decision: DecisionView): void;
  /** Before the next decision. `index` counts the events of the record from 0. */
  event?(event: EventView, index: number): void;
  /** The record is done. */
  recordEnd?(): void;
}

/** Reads each decision record once for all who care. */
export class DecisionFeed {
  readonly #reader = new DecisionRecordReader();
  readonly #visitors: DecisionVisitor[] = [];
  /** Records that could not be read: none, unless a processor and this gateway are of different releases. */
  unreadable = 0;

  constructor(source: DecidedSource) {
    source.onDecided((partition, offset, bytes) => this.#read(partition, offset, bytes));
  }

  add(visitor: DecisionVisitor): void {
    this.#visitors.push(visitor);
  }

  #read(partition: number, offset: number, bytes: Uint8Array): void {
    const reader = this.#reader;
    if (reader.open(bytes) !== undefined) {
      this.unreadable += 1;
      return;
    }
    const visitors = this.#visitors;
    for (const visitor of visitors) visitor.record?.(partition, offset, reader);
    let index = 0;
    while (reader.next()) {
      for (const visitor of visitors) visitor.decision?.(reader.decision);
      while (reader.nextEvent()) {
        for (const visitor of visitors) visitor.event?.(reader.event, index);
        index += 1;
      }
    }
    for (const visitor of visitors) visitor.recordEnd?.();
  }
}
