import { decodeConfig } from '../coordination/config-document.ts';
import type { ConfigSource } from '../coordination/config-source.ts';
import { clusterLayer, clusterSettingsKey, encodeClusterSettings } from './cluster-settings.ts';
import type { AppliedChange, ConfigKeeper } from './config-keeper.ts';
import { type LastGood, readLastGood, writeLastGood } from './last-good-file.ts';

export interface SettingsFollowerOptions {
  readonly keeper: ConfigKeeper;
  /** Keeps what was taken last; only this process may write it. */
  readonly file: string;
  readonly applied: (version: number, change: AppliedChange) => void;
  /** What the cluster says cannot be taken, or not be read or kept: what was taken last stands. */
  readonly problem: (error: Error) => void;
}

const nothingSaid: LastGood = { version: 0, value: encodeClusterSettings([]) };

/**
 * Keeps the settings of a process as the cluster says. What cannot be taken changes nothing; while the cluster cannot
 * be asked, what was taken last stands, also after a start anew.
 */
export class SettingsFollower {
  readonly #options: SettingsFollowerOptions;
  #taken = nothingSaid;
  /** What the cluster says and could not be taken. */
  #refused: LastGood | undefined;

  constructor(options: SettingsFollowerOptions) {
    this.#options = options;
  }

  /** Of what was taken last; 0 while that is nothing. */
  get version(): number {
    return this.#taken.version;
  }

  /**
   * Before anything reads a setting: takes what the cluster says now, or else what was taken last. Never throws.
   *
   * @param stored the text of the cluster's document, null where there is none, undefined where it cannot be asked
   */
  begin(stored: string | null | undefined): void {
    const { keeper, file, problem } = this.#options;
    const attempt = (find: () => LastGood | undefined): boolean => {
      try {
        const found = find();
        if (found === undefined) return false;
        keeper.begin(clusterLayer(found));
        this.#taken = found;
        return true;
      } catch (error) {
        problem(error as Error);
        return false;
      }
    };
    if (stored !== undefined && attempt(() => documentOf(stored))) this.#keep(documentOf(stored));
    else attempt(() => readLastGood(file));
  }

  /** Takes each change from now on. Returns what ends that. */
  follow(source: ConfigSource): () => void {
    return source.watch(clusterSettingsKey, {
      changed: (document) => this.#take(document),
      problem: this.#options.problem,
    });
  }

  /** Tries once more to take what the cluster says, if it was refused: the process' own file may say something else now. */
  retry(): void {
    if (this.#refused) this.#take(this.#refused);
  }

  #take(document: LastGood | undefined): void {
    const { keeper, applied, problem } = this.#options;
    this.#refused = undefined;
    const found = document ?? nothingSaid;
    const { version, value } = this.#taken;
    if (found.version === version && found.value === value) return;
    let change: AppliedChange;
    try {
      change = keeper.apply(clusterLayer(found));
    } catch (error) {
      this.#refused = found;
      problem(error as Error);
      return;
    }
    this.#taken = found;
    this.#keep(found);
    applied(found.version, change);
  }

  #keep({ version, value }: LastGood): void {
    const { file, problem } = this.#options;
    try {
      writeLastGood(file, { version, value });
    } catch (error) {
      problem(error as Error);
    }
  }
}

/** Throws `veltrix-coordination-damaged`. */
function documentOf(stored: string | null): LastGood {
  if (stored === null) return nothingSaid;
  return decodeConfig(clusterSettingsKey, stored, `/config/${clusterSettingsKey}`)[0]!;
}
