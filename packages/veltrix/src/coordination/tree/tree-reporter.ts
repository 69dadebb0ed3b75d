import type { TreePlace } from './tree-place.ts';
import { bytesOf } from './tree-text.ts';

/**
 * Writes what is said again and again, as the load of a node: one request on its way, and the latest report waiting. Loads
 * are apart from the members' entries, whose watchers would be told of every heartbeat.
 */
export class TreeReporter<Report> {
  readonly #place: TreePlace;
  readonly #path: string;
  readonly #encode: (report: Report) => string;
  #waiting: Report | undefined;
  #isWriting = false;

  constructor(place: TreePlace, path: string, encode: (report: Report) => string) {
    this.#place = place;
    this.#path = path;
    this.#encode = encode;
  }

  report(report: Report): void {
    this.#waiting = report;
    if (!this.#isWriting) this.#write();
  }

  #write(): void {
    const report = this.#waiting;
    if (report === undefined) return;
    this.#waiting = undefined;
    this.#isWriting = true;
    const { tree } = this.#place.options;
    const data = bytesOf(this.#encode(report));
    tree.write(this.#path, data, undefined, (result) => {
      if (result.ok || result.failure !== 'missing') return this.#written();
      // First report of this session.
      tree.create(this.#path, data, 'ephemeral', () => this.#written());
    });
  }

  /** Or not written: it is not repeated, since the next one says more. */
  #written(): void {
    this.#isWriting = false;
    this.#write();
  }
}
