import type { LoadReport } from '../coordinator.ts';
import { encodeLoad } from '../member-document.ts';
import type { TreePlace } from './tree-place.ts';
import { bytesOf } from './tree-text.ts';

/**
 * Writes the load of this node: one request on its way, and the latest report waiting. The node is apart from the
 * member's entry, whose watchers would be told of every heartbeat.
 */
export class TreeReporter {
  readonly #place: TreePlace;
  readonly #path: string;
  #waiting: LoadReport | undefined;
  #isWriting = false;

  constructor(place: TreePlace, path: string) {
    this.#place = place;
    this.#path = path;
  }

  report(load: LoadReport): void {
    this.#waiting = load;
    if (!this.#isWriting) this.#write();
  }

  #write(): void {
    const load = this.#waiting;
    if (load === undefined) return;
    this.#waiting = undefined;
    this.#isWriting = true;
    const { tree } = this.#place.options;
    const data = bytesOf(encodeLoad(load));
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
