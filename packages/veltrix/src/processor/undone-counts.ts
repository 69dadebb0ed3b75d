import { CodedError } from '../coded-error.ts';

/** What it was that was not done. A message is one of another partition, or of the partition to itself. */
export type UndoneKind = 'command' | 'message' | 'timer';
/** A table was full, or the program has a fault. */
export type UndoneReason = 'no-room' | 'fault';

/** Why a `decide` threw. */
export function undoneReason(error: unknown): UndoneReason {
  return isFull(error) ? 'no-room' : 'fault';
}

function isFull(error: unknown): error is CodedError {
  return error instanceof CodedError && error.id === 'veltrix-state-full';
}

/** What a partition was asked for and did not do, counted since the process started. What is done costs nothing here. */
export class UndoneCounts {
  readonly #counts = new Map<string, number>();
  readonly #fullTables = new Map<string, number>();

  /** Something was not done for what its `decide` threw. */
  add(kind: UndoneKind, error: unknown): void {
    increase(this.#counts, keyOf(kind, undoneReason(error)));
  }

  /** A `decide` threw, or what was to tell its sender so: where a table was full, it was that one. */
  threw(error: unknown): void {
    if (isFull(error)) increase(this.#fullTables, String(error.details['table']));
  }

  of(kind: UndoneKind, reason: UndoneReason): number {
    return this.#counts.get(keyOf(kind, reason)) ?? 0;
  }

  /** How often the table of this name was asked for room in vain. */
  ofTable(name: string): number {
    return this.#fullTables.get(name) ?? 0;
  }
}

function keyOf(kind: UndoneKind, reason: UndoneReason): string {
  return `${reason} ${kind}`;
}

function increase(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
