import { fileState } from '../file-state.ts';
import type { Layer } from './config-layer.ts';

/** A file of settings that is read at the start, and again while a process runs. */
export class SettingsFile {
  readonly path: string;
  readonly #parse: (path: string) => Layer;
  #stateRead = '';

  /** @param parse reads the file; throws when it is none of settings */
  constructor(path: string, parse: (path: string) => Layer) {
    this.path = path;
    this.#parse = parse;
  }

  /** What the file says now. Throws what `parse` does. */
  read(): Layer {
    // Before: what is written meanwhile is then seen as another state.
    this.#stateRead = this.state;
    return this.#parse(this.path);
  }

  /** As it is now. */
  get state(): string {
    return fileState(this.path);
  }

  /** As it was when it was read last, or when that failed. */
  get stateRead(): string {
    return this.#stateRead;
  }
}
