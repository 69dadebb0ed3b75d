import { statSync } from 'node:fs';
import { veltrixErrors } from '../errors.ts';
import { fileState } from '../file-state.ts';
import type { Layer } from './config-layer.ts';
import { readConfigText } from './config-text.ts';

/** How much of a text is there, as far as its end tells: one that is cut has less than it had. */
const endings = { empty: 0, inLine: 1, lineEnd: 2 } as const;
type Ending = (typeof endings)[keyof typeof endings];

/** A file of settings that is read at the start, and again while a process runs. */
export class SettingsFile {
  readonly path: string;
  /** Whether it was a file when this was made: a pipe or a socket has nothing more to say once it was read. */
  readonly isRegular: boolean;
  readonly #parse: (text: string, path: string) => Layer;
  #stateRead = '';
  #endingRead: Ending = endings.empty;
  #endingTaken: Ending = endings.empty;

  /** @param parse throws when the text is none of settings */
  constructor(path: string, parse: (text: string, path: string) => Layer) {
    this.path = path;
    this.isRegular = !isOfAnotherKind(path);
    this.#parse = parse;
  }

  /**
   * What the file says now. Throws `veltrix-config-unreadable`, `veltrix-config-cut` where less is left than was taken
   * before, and what `parse` does.
   */
  read(): Layer {
    // Before: what is written meanwhile is then seen as another state.
    this.#stateRead = this.state;
    if (this.isRegular) this.#assertRegular();
    const text = readConfigText(this.path);
    const ending = endingOf(text);
    if (ending < this.#endingTaken) throw this.#cut(ending);
    const layer = this.#parse(text, this.path);
    this.#endingRead = ending;
    return layer;
  }

  /** What was read last counts now: what is less than that is cut. What was read and refused says nothing of that. */
  taken(): void {
    this.#endingTaken = this.#endingRead;
  }

  /** As it is now. */
  get state(): string {
    return fileState(this.path);
  }

  /** As it was when it was read last, or when that failed. */
  get stateRead(): string {
    return this.#stateRead;
  }

  /** To read from a pipe that took its place would wait for a writer. */
  #assertRegular(): void {
    if (!isOfAnotherKind(this.path)) return;
    const details = { file: this.path, reason: 'it is no regular file any more' };
    throw veltrixErrors.create('veltrix-config-unreadable', details);
  }

  #cut(ending: Ending): Error {
    const reason =
      ending === endings.empty
        ? 'nothing is left in the file'
        : 'the last line has no end, as it had before';
    return veltrixErrors.create('veltrix-config-cut', { file: this.path, reason });
  }
}

/** Neither a file nor a directory, of which reading tells. */
function isOfAnotherKind(path: string): boolean {
  try {
    const kind = statSync(path);
    return !kind.isFile() && !kind.isDirectory();
  } catch {
    // Why it cannot be asked is told when it is read.
    return false;
  }
}

function endingOf(text: string): Ending {
  if (text.trim() === '') return endings.empty;
  return text.endsWith('\n') ? endings.lineEnd : endings.inLine;
}
