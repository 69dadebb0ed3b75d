import type { Logger } from 'pino';
import { type Clock, CodedError } from 'veltrix';
import {
  type AppliedChange,
  ConfigKeeper,
  type ConfigSchema,
  formatValue,
  type SettingsFile,
} from 'veltrix/config';
import type { EngineSettings } from './engine-settings.ts';
import { FileLooks } from './file-looks.ts';
import type { EngineRegistry } from './metrics/engine-metrics.ts';

/** How often the file is looked at: one call of the system. */
export const lookEveryMs = 1_000;

export interface SettingsReloadOptions {
  readonly settings: EngineSettings | undefined;
  /** What was read of it is in the settings. Undefined where there is none. */
  readonly file: SettingsFile | undefined;
  /** Is told what a reload changed; with the error of what is wrong with the file, and then nothing has changed. */
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly registry: EngineRegistry;
  /** Is told that the file was taken. */
  readonly onTaken?: () => void;
}

/** The file of settings, read again while the process runs: when somebody says so, or when it changes. */
export class SettingsReload {
  readonly #options: SettingsReloadOptions;
  readonly #source: { readonly keeper: ConfigKeeper; readonly file: SettingsFile } | undefined;
  /** Names that were told to wait for a start anew. */
  #waiting: ReadonlySet<string> = new Set();
  #isTaken = true;

  constructor(options: SettingsReloadOptions) {
    this.#options = options;
    const { settings: keeper, file, registry } = options;
    registry.value('hunt_config_file_taken_state', () => Number(this.#isTaken));
    if (!file || !(keeper instanceof ConfigKeeper)) return;
    this.#source = { keeper, file };
    file.taken();
  }

  /** Takes what the file says now, all of it or nothing, and says in the log what came of it. Never throws. */
  reload(): void {
    const { logger, onTaken } = this.#options;
    if (this.#source === undefined) {
      return logger.warn('there is no file of settings to read again');
    }
    const { keeper, file } = this.#source;
    if (!file.isRegular) {
      return logger.warn(
        { file: file.path },
        'settings came from no regular file and are not read again',
      );
    }
    let change: AppliedChange;
    try {
      change = keeper.apply(file.read());
    } catch (error) {
      if (!(error instanceof CodedError)) {
        file.taken();
        return logger.error({ err: error }, 'a part of the engine failed to take other settings');
      }
      this.#isTaken = false;
      return logger.error({ error, file: file.path }, 'settings of the file not taken');
    }
    file.taken();
    this.#isTaken = true;
    const fields = { file: file.path, ...changeFields(keeper.schema, change) };
    logger.info(fields, 'settings of the file taken');
    this.#tellWaiting(change.waiting);
    onTaken?.();
  }

  /** Reloads, too, when the file has changed. Returns what ends that. */
  watch(clock: Pick<Clock, 'after'>): () => void {
    if (!this.#source?.file.isRegular) return () => {};
    const { file } = this.#source;
    const looks = new FileLooks({
      ...{ clock, everyMs: lookEveryMs },
      state: () => file.state,
      stateRead: () => file.stateRead,
      changed: () => this.reload(),
    });
    looks.start();
    return () => looks.stop();
  }

  /** Each name once, for as long as it waits. */
  #tellWaiting(names: readonly string[]): void {
    const waiting = names.filter((name) => !this.#waiting.has(name));
    this.#waiting = new Set(names);
    if (waiting.length === 0) return;
    this.#options.logger.warn(
      { waiting },
      'changed settings wait until the process is started anew',
    );
  }
}

/**
 * What took effect, as fields of a log line: names, by which changes of a setting are found, and what each became, as people
 * write it. Every field is a text, for an index has one type for a field. Secrets are references, which tell nothing.
 */
export function changeFields({ properties }: ConfigSchema, { changed }: AppliedChange) {
  return {
    changed: [...new Set(changed.map(({ name }) => name))],
    settings: changed.map(({ name, hunt, before, after, place }) => ({
      name,
      ...(hunt !== undefined && { hunt }),
      before: formatValue(properties.get(name)!, before),
      after: formatValue(properties.get(name)!, after),
      place,
    })),
  };
}
