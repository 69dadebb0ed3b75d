/**
 * A bounded map that keeps what was used lately: two generations, the younger becomes the older when
 * it is full. A hit costs one or two look-ups and moves nothing within a list.
 */
export class RecentMap<Value> {
  readonly #perGeneration: number;
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();

  /** @param maxEntries most entries kept, at least 2; at least half of them are the latest used */
  constructor(maxEntries: number) {
    this.#perGeneration = Math.max(1, Math.floor(maxEntries / 2));
  }

  get(key: string): Value | undefined {
    const value = this.#young.get(key);
    if (value !== undefined) return value;
    const older = this.#old.get(key);
    if (older !== undefined) this.set(key, older);
    return older;
  }

  set(key: string, value: Value): void {
    if (this.#young.size >= this.#perGeneration && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }
}
