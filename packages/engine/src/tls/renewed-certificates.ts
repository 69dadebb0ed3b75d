import type { Logger } from 'pino';
import type { Clock } from 'veltrix';
import { type Live, LiveConfig } from 'veltrix/config';
import { type PemPlaces, pemState, type TlsOptions } from 'veltrix/tls';
import { engineErrors } from '../errors.ts';
import { FileLooks } from '../file-looks.ts';

/** How often the files are looked at: a few calls of the system. */
export const lookEveryMs = 5_000;

export interface RenewedCertificatesOptions {
  /** Whose they are, for messages. */
  readonly owner: string;
  /** Where the files are. Those that they are links to may change instead. */
  readonly places: PemPlaces;
  /** Reads and checks them; throws when they are of no use. */
  readonly read: () => TlsOptions;
  /**
   * What was read of them before, if anything: where they are of no use at first, as in the middle of being renewed, that
   * counts until a later look.
   */
  readonly before?: TlsOptions;
  readonly clock: Pick<Clock, 'after'>;
  /** Is told of each change; with `engine-certificate-not-renewed` where it is of no use, and what there was stays. */
  readonly logger: Pick<Logger, 'info' | 'error'>;
}

/**
 * Certificates as their files have them now. While somebody listens they are looked at every few seconds.
 */
export class RenewedCertificates implements Live<TlsOptions> {
  readonly #options: RenewedCertificatesOptions;
  readonly #live: LiveConfig<TlsOptions>;
  readonly #looks: FileLooks;
  /** State of the files that was read last. Undefined: what counts is from before. */
  #read: string | undefined;
  #listeners = 0;

  /** Throws what `read` does, unless there is something from before. */
  constructor(options: RenewedCertificatesOptions) {
    this.#options = options;
    const state = () => pemState(options.places);
    this.#read = state();
    this.#looks = new FileLooks({
      ...{ state, everyMs: lookEveryMs, clock: options.clock },
      stateRead: () => this.#read,
      changed: (changed) => this.#readAgain(changed),
    });
    this.#live = new LiveConfig(this.#first());
  }

  get current(): TlsOptions {
    return this.#live.current;
  }

  onChange(listener: () => void): () => void {
    const stop = this.#live.onChange(listener);
    this.#listeners += 1;
    if (this.#listeners === 1) this.#looks.start();
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      stop();
      this.#listeners -= 1;
      if (this.#listeners === 0) this.#looks.stop();
    };
  }

  #first(): TlsOptions {
    const { read, before } = this.#options;
    try {
      return read();
    } catch (error) {
      if (before === undefined) throw error;
      // The next look reads them again, and tells.
      this.#read = undefined;
      return before;
    }
  }

  #readAgain(state: string): void {
    this.#read = state;
    const { owner, read, logger } = this.#options;
    try {
      this.#live.replace(read());
    } catch (cause) {
      const details = { owner, reason: (cause as Error).message };
      const error = engineErrors.create('engine-certificate-not-renewed', details, { cause });
      return logger.error({ error }, 'certificates are not renewed');
    }
    logger.info({ owner }, 'certificates are renewed');
  }
}
