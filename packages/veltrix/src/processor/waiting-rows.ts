const firstCapacity = 64;

/** Row numbers in the order in which they came: a ring that grows. Reading, adding and dropping take no walk. */
export class WaitingRows {
  #rows = new Int32Array(firstCapacity);
  #first = 0;
  length = 0;

  /** The row at this place, from 0, which must be below `length`. */
  at(place: number): number {
    return this.#rows[(this.#first + place) & (this.#rows.length - 1)]!;
  }

  push(row: number): void {
    if (this.length === this.#rows.length) this.#grow();
    this.#rows[(this.#first + this.length) & (this.#rows.length - 1)] = row;
    this.length += 1;
  }

  /** Takes out the oldest one; there must be one. */
  shift(): number {
    const row = this.at(0);
    this.#first = (this.#first + 1) & (this.#rows.length - 1);
    this.length -= 1;
    return row;
  }

  #grow(): void {
    const grown = new Int32Array(this.#rows.length * 2);
    for (let place = 0; place < this.length; place++) grown[place] = this.at(place);
    this.#rows = grown;
    this.#first = 0;
  }
}
