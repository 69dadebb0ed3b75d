import { type CodedError, nearestName } from 'veltrix';
import type { ConfigDocument, ConfigSource, Coordinator } from 'veltrix/cluster';
import {
  assertNoProblems,
  type ClusterSetting,
  clusterLayer,
  clusterSettingsKey,
  decodeClusterSettings,
  encodeClusterSettings,
  type Layer,
  resolveConfig,
} from 'veltrix/config';
import { engineSchema } from '../engine-settings.ts';
import { engineErrors } from '../errors.ts';

export interface SettingsControlParts {
  /** Both over one session, which ends when the coordinator is closed. */
  readonly coordinator: Pick<Coordinator, 'close'>;
  readonly config: ConfigSource;
  readonly by: string;
}

export interface SettingsChange {
  /** Each in place of one for the same name and target. */
  readonly set: readonly ClusterSetting[];
  readonly remove: readonly Omit<ClusterSetting, 'value'>[];
  readonly why: string;
}

/** Others may be changing them, too. */
const triesMax = 5;

/**
 * What operators see of the settings that a cluster keeps, and change of them. Everything is checked before it is
 * written: what is refused has changed nothing.
 */
export class SettingsControl {
  readonly #parts: SettingsControlParts;

  constructor(parts: SettingsControlParts) {
    this.#parts = parts;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#parts.coordinator.close(resolve));
  }

  /** Undefined where nobody has ever set anything. Rejects with `veltrix-coordination-damaged`. */
  async read(): Promise<ConfigDocument | undefined> {
    return this.#answer((done) => this.#parts.config.read(clusterSettingsKey, done));
  }

  /** Newest first; only some are kept. */
  async history(): Promise<readonly ConfigDocument[]> {
    const { config } = this.#parts;
    return (await this.#answer((done) => config.history(clusterSettingsKey, done))) ?? [];
  }

  /**
   * Rejects with `veltrix-setting-unknown`, `-invalid`, `-contradiction`, `veltrix-settings-refused`,
   * `engine-settings-unchanged`, and what writing has.
   */
  change({ set, remove, why }: SettingsChange): Promise<ConfigDocument> {
    return this.#write(why, (present) => {
      const before = present();
      const gone = [...remove, ...set];
      for (const one of remove) {
        if (before.some((other) => isSame(one, other))) continue;
        throw engineErrors.create('engine-settings-unchanged', { reason: notThere(one, before) });
      }
      const kept = before.filter((setting) => !gone.some((one) => isSame(one, setting)));
      return encodeClusterSettings([...kept, ...set]);
    });
  }

  /** Writes again what a version had, as a new one. Rejects as `change`, and `engine-settings-version-unknown`. */
  async rollback(version: number, why: string): Promise<ConfigDocument> {
    const history = await this.history();
    const found = history.find((document) => document.version === version);
    // Before the first change there was nothing.
    const isStart = version === 0 && history.at(-1)?.version === 1;
    if (found === undefined && !isStart) {
      const known = history.map((document) => document.version).join(', ') || 'none';
      throw engineErrors.create('engine-settings-version-unknown', { version, known });
    }
    return this.#write(why, () => found?.value ?? encodeClusterSettings([]));
  }

  async #write(
    why: string,
    edit: (before: () => readonly ClusterSetting[]) => string,
  ): Promise<ConfigDocument> {
    const { config, by } = this.#parts;
    for (let tries = 1; ; tries++) {
      const document = await this.read();
      const value = edit(() => (document ? decodeClusterSettings(document.value) : []));
      const basedOn = document?.version ?? 0;
      if (value === (document?.value ?? encodeClusterSettings([]))) {
        const reason = 'the cluster keeps exactly that already';
        throw engineErrors.create('engine-settings-unchanged', { reason });
      }
      assertAgree(clusterLayer({ value, version: basedOn + 1 }, 'The change'));
      const change = { key: clusterSettingsKey, value, basedOn, by, why };
      try {
        return (await this.#answer<ConfigDocument>((done) => config.write(change, done)))!;
      } catch (error) {
        const isConflict = (error as CodedError).id === 'veltrix-coordination-conflict';
        if (!isConflict || tries === triesMax) throw error;
      }
    }
  }

  #answer<T>(
    ask: (done: (error: Error | undefined, value: T | undefined) => void) => void,
  ): Promise<T | undefined> {
    return new Promise((resolve, reject) =>
      ask((error, value) => (error ? reject(error) : resolve(value))),
    );
  }
}

/** For all, and for everybody whom something is for alone. Nodes check it again, with their own files. */
function assertAgree(layer: Layer): void {
  const targets = layer.entries.flatMap(({ target }) => target ?? []);
  const askers = [{}, ...targets.map(({ kind, of }) => askerOf(kind, of))];
  const problems = new Map<string, Error>();
  for (const asker of askers) {
    for (const problem of resolveConfig(engineSchema, [layer], asker).problems) {
      problems.set(problem.message, problem);
    }
  }
  assertNoProblems([...problems.values()]);
}

function askerOf(kind: 'role' | 'node' | 'hunt', of: string) {
  return kind === 'role' ? { roles: [of] } : { [kind]: of };
}

function isSame(one: Omit<ClusterSetting, 'value'>, other: Omit<ClusterSetting, 'value'>): boolean {
  const [mine, theirs] = [one.target, other.target];
  return one.name === other.name && mine?.kind === theirs?.kind && mine?.of === theirs?.of;
}

function notThere(
  { name, target }: Omit<ClusterSetting, 'value'>,
  there: readonly ClusterSetting[],
): string {
  const forWhom = target === undefined ? '' : ` for the ${target.kind} ${target.of}`;
  const nearest = nearestName(name, [...new Set(there.map((setting) => setting.name))]);
  const hint = nearest === undefined || nearest === name ? '' : `; did you mean ${nearest}?`;
  return `the cluster keeps no ${name}${forWhom}${hint}`;
}
