const fields = 3;
const fieldOf = { solved: 0, wrong: 1, granted: 2 } as const;

/** Sums per partition, so that one partition can be begun anew from its checkpoint. */
export class PartitionCounters {
  #counts = new Float64Array(0);

  add(partition: number, field: keyof typeof fieldOf, amount: number): void {
    const end = (partition + 1) * fields;
    if (end > this.#counts.length) {
      const grown = new Float64Array(end);
      grown.set(this.#counts);
      this.#counts = grown;
    }
    this.#counts[partition * fields + fieldOf[field]]! += amount;
  }

  clear(partition: number): void {
    this.#counts.fill(0, partition * fields, (partition + 1) * fields);
  }

  sums(): { solved: number; wrong: number; granted: number } {
    const sums = { solved: 0, wrong: 0, granted: 0 };
    for (let at = 0; at < this.#counts.length; at += fields) {
      sums.solved += this.#counts[at]!;
      sums.wrong += this.#counts[at + 1]!;
      sums.granted += this.#counts[at + 2]!;
    }
    return sums;
  }
}
