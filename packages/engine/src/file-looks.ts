import type { Clock } from 'veltrix';

export interface FileLooksOptions {
  /** Of the files now: differs once one of them has changed. */
  readonly state: () => string;
  /** Of the files when they were read last; undefined where what was read is not what they say. */
  readonly stateRead: () => string | undefined;
  readonly everyMs: number;
  readonly clock: Pick<Clock, 'after'>;
  /** Is told of a state that was not read; has to read it, or is told again. */
  readonly changed: (state: string) => void;
}

/**
 * Looks at files every so often, since notices of the system say nothing of a mounted Secret or ConfigMap, whose directory is
 * exchanged. Who writes a file has not finished at once, and who writes one writes the next a moment later: a change counts once
 * it has stood for two looks.
 */
export class FileLooks {
  readonly #options: FileLooksOptions;
  #seen: string | undefined;
  #cancel = () => {};

  constructor(options: FileLooksOptions) {
    this.#options = options;
    this.#seen = options.stateRead();
  }

  start(): void {
    const { clock, everyMs } = this.#options;
    this.#cancel = clock.after(everyMs, () => {
      this.#look();
      this.start();
    });
  }

  stop(): void {
    this.#cancel();
  }

  #look(): void {
    const { state, stateRead, changed } = this.#options;
    const now = state();
    const hasSettled = now === this.#seen;
    this.#seen = now;
    if (hasSettled && now !== stateRead()) changed(now);
  }
}
