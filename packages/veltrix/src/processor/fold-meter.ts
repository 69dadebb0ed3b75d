import type { UndoneKind } from './undone-counts.ts';

/** A `decide` of the application threw, and not for want of room. */
export interface DecideFault {
  readonly of: UndoneKind;
  /** Of the command, the message, or what the timer asks for. */
  readonly type: number;
  /** Whatever was thrown. */
  readonly error: unknown;
}

/** Is told of every record that a partition reads or decides, for whoever watches over its progress. */
export interface FoldMeter {
  begin(): void;
  /** Not called when it throws. */
  end(): void;
  /** Between the two: something in the record was not done. */
  faulted?(fault: DecideFault): void;
}
