import type { Archive } from '../archive.ts';

/** A real archive whose appends are noted, and can be made to fail. */
export class WatchedArchive implements Pick<Archive, 'nextOffset' | 'append'> {
  /** Each append that succeeded, as "partition: offsets". */
  readonly appends: string[] = [];
  failWith: Error | undefined;
  readonly #archive: Archive;

  constructor(archive: Archive) {
    this.#archive = archive;
  }

  nextOffset(partition: number): Promise<number> {
    return this.#archive.nextOffset(partition);
  }

  async append(...[partition, records]: Parameters<Archive['append']>): Promise<void> {
    if (this.failWith) throw this.failWith;
    await this.#archive.append(partition, records);
    this.appends.push(`${partition}: ${records.map(({ offset }) => offset).join(' ')}`);
  }
}
