import type { CodedError } from '../coded-error.ts';
import { clusterLevelKey, decodeLevel } from './cluster-level.ts';
import type { ConfigDocument, ConfigSource } from './config-source.ts';
import type { Member } from './coordinator.ts';

export interface LevelKeeperOptions {
  readonly config: ConfigSource;
  readonly nodeId: string;
  /** For how long the same nodes have to be there, all knowing the higher level. */
  readonly raiseAfterMs: number;
  readonly raised: (level: number) => void;
  readonly problem: (error: Error) => void;
}

/**
 * Raises the level of the cluster once every node knows a higher one: the end of a rolling upgrade. It waits for a
 * while in which nobody comes or goes, since a node that is being restarted may come back with the old release. Never
 * lowers it: what is written by then, older releases could not read.
 */
export class LevelKeeper {
  readonly #options: LevelKeeperOptions;
  readonly #stop: () => void;
  #present: { readonly level: number; readonly version: number } | undefined;
  #seen = '';
  #steadyMs = 0;
  #isWriting = false;

  constructor(options: LevelKeeperOptions) {
    this.#options = options;
    this.#stop = options.config.watch(clusterLevelKey, {
      changed: (document) => this.#changed(document),
      problem: (error) => {
        this.#present = undefined;
        options.problem(error);
      },
    });
  }

  end(): void {
    this.#stop();
  }

  /** The members as they are; `elapsedMs` since the last time. */
  observe(members: readonly Member[], elapsedMs: number): void {
    const seen = members.map(({ nodeId, instance }) => `${nodeId} ${instance}`).join('\n');
    this.#steadyMs = seen === this.#seen ? this.#steadyMs + elapsedMs : 0;
    this.#seen = seen;
    if (this.#present === undefined || this.#isWriting) return;
    const level = commonLevel(members);
    if (level === undefined || level <= this.#present.level) return;
    if (this.#steadyMs >= this.#options.raiseAfterMs) this.#raise(level, this.#present.version);
  }

  /** A level that somebody wrote by hand and that cannot be read is left alone. */
  #changed(document: ConfigDocument | undefined): void {
    try {
      this.#present = { level: decodeLevel(document?.value), version: document?.version ?? 0 };
    } catch (error) {
      this.#present = undefined;
      this.#options.problem(error as Error);
    }
  }

  #raise(level: number, basedOn: number): void {
    const { config, nodeId, raised, problem } = this.#options;
    this.#isWriting = true;
    const why = `every node knows level ${level}`;
    const change = { key: clusterLevelKey, value: String(level), basedOn, by: nodeId, why };
    config.write(change, (error) => {
      this.#isWriting = false;
      if (!error) raised(level);
      // Somebody else was faster: the watch shows what they wrote.
      else if ((error as CodedError).id !== 'veltrix-coordination-conflict') problem(error);
    });
  }
}

/** The highest level that all members know; undefined when there is none. */
function commonLevel(members: readonly Member[]): number | undefined {
  if (members.length === 0) return undefined;
  const level = Math.min(...members.map(({ levels }) => levels.most));
  return members.every(({ levels }) => levels.least <= level) ? level : undefined;
}
