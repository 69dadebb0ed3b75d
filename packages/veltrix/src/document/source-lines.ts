/** Finds the line and column of an offset in a text. Lines end with a line feed. */
export class SourceLines {
  readonly #starts: number[] = [0];

  constructor(source: string) {
    for (let end = source.indexOf('\n'); end !== -1; end = source.indexOf('\n', end + 1)) {
      this.#starts.push(end + 1);
    }
  }

  /** Both from 1; columns, and `offset`, in UTF-16 code units. */
  positionOf(offset: number): { readonly line: number; readonly column: number } {
    let [low, high] = [0, this.#starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - this.#starts[low]! + 1 };
  }
}
