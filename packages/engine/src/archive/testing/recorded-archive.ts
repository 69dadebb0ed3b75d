import type { Archive } from '../archive.ts';

/** An archive in memory that remembers how it was written to and can be made to fail. */
export class RecordedArchive implements Archive {
  /** Each append as "partition: offsets". */
  readonly appends: string[] = [];
  failWith: Error | undefined;
  readonly #next = new Map<number, number>();
  readonly #first = new Map<string, number>();

  async nextOffset(partition: number): Promise<number> {
    return this.#next.get(partition) ?? 0;
  }

  async append(
    partition: number,
    records: readonly { offset: number; bytes: Uint8Array }[],
  ): Promise<void> {
    if (this.failWith) throw this.failWith;
    this.appends.push(`${partition}: ${records.map(({ offset }) => offset).join(' ')}`);
    for (const { offset, bytes } of records) {
      this.#first.set(`${partition}.${offset}`, bytes[0]!);
      this.#next.set(partition, offset + 1);
    }
  }

  /** First byte of an archived record. */
  contentOf(partition: number, offset: number): number | undefined {
    return this.#first.get(`${partition}.${offset}`);
  }

  async events(): Promise<[]> {
    return [];
  }

  async decision(): Promise<undefined> {
    return undefined;
  }

  async close(): Promise<void> {}
}
