import type { Logger } from 'pino';
import type { Clock } from 'veltrix';
import { type Live, LiveConfig } from 'veltrix/config';
import { type PemPlaces, pemState, type TlsOptions } from 'veltrix/tls';
import { engineErrors } from '../errors.ts';

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
 * Certificates as their files have them now. While somebody listens they are looked at every few seconds, since notices of the system say
 * nothing of a mounted Secret, whose directory is exchanged. Who writes one file writes the next a moment later: a change
 * counts once it has stood for two looks.
 */
export class RenewedCertificates implements Live<TlsOptions> {
  readonly #options: RenewedCertificatesOptions;
  readonly #live: LiveConfig<TlsOptions>;
  /** State of the files that was read last, and the one of the last look. Undefined: what counts is from before. */
  #read: string | undefined;
  #seen: string;
  #listeners = 0;
  #cancel = () => {};

  /** Throws what `read` does, unless there is something from before. */
  constructor(options: RenewedCertificatesOptions) {
    this.#options = options;
    this.#read = this.#state();
    this.#seen = this.#read;
    this.#live = new LiveConfig(this.#first());
  }

  get current(): TlsOptions {
    return this.#live.current;
  }

  onChange(listener: () => void): () => void {
    const stop = this.#live.onChange(listener);
    this.#listeners += 1;
    if (this.#listeners === 1) this.#lookLater();
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      stop();
      this.#listeners -= 1;
      if (this.#listeners === 0) this.#cancel();
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

  #lookLater(): void {
    this.#cancel = this.#options.clock.after(lookEveryMs, () => {
      this.#look();
      this.#lookLater();
    });
  }

  #look(): void {
    const state = this.#state();
    const hasSettled = state === this.#seen;
    this.#seen = state;
    if (!hasSettled || state === this.#read) return;
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

  #state(): string {
    return pemState(this.#options.places);
  }
}
