/** Columns grow by a quarter: less is copied more often, more would cost memory at a million teams. */
const growth = 1.25;
const firstRows = 64;

/**
 * A hunt's teams as columns of plain numbers, a row each: 34 bytes a team, and the collector never
 * looks at them. Read fields directly; `words` of ids are the two 32-bit halves.
 */
export class TeamColumns {
  rows = 0;
  idLow = new Int32Array(firstRows);
  idHigh = new Int32Array(firstRows);
  points = new Int32Array(firstRows);
  solved = new Uint16Array(firstRows);
  /** Seconds; whole numbers, held as floats so that either tie-breaker is a column of the same kind. */
  penaltySeconds = new Float64Array(firstRows);
  /** Milliseconds since the epoch; 0 before the first score. */
  lastScoreAt = new Float64Array(firstRows);
  /** One of the two columns above: the one that orders equal points, smaller first. */
  tie = this.lastScoreAt;

  /** Appends a team without points and returns its row. */
  add(low: number, high: number): number {
    if (this.rows === this.points.length) this.#grow(Math.ceil(this.rows * growth));
    const row = this.rows;
    this.idLow[row] = low;
    this.idHigh[row] = high;
    this.rows = row + 1;
    return row;
  }

  setTie(tie: 'penaltySeconds' | 'lastScoreAt'): void {
    this.tie = this[tie];
  }

  #grow(capacity: number): void {
    const tie = this.tie === this.penaltySeconds ? 'penaltySeconds' : 'lastScoreAt';
    this.idLow = copyTo(new Int32Array(capacity), this.idLow);
    this.idHigh = copyTo(new Int32Array(capacity), this.idHigh);
    this.points = copyTo(new Int32Array(capacity), this.points);
    this.solved = copyTo(new Uint16Array(capacity), this.solved);
    this.penaltySeconds = copyTo(new Float64Array(capacity), this.penaltySeconds);
    this.lastScoreAt = copyTo(new Float64Array(capacity), this.lastScoreAt);
    this.setTie(tie);
  }
}

type Column = Int32Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

function copyTo<Kind extends Column>(to: Kind, from: Kind): Kind {
  to.set(from);
  return to;
}
