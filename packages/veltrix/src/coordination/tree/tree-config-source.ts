import { veltrixErrors } from '../../errors.ts';
import {
  assertConfigChange,
  configHistoryMax,
  configKeyProblem,
  decodeConfig,
  encodeConfig,
} from '../config-document.ts';
import type { ConfigChange, ConfigDocument, ConfigSource } from '../config-source.ts';
import type { Watcher } from '../coordinator.ts';
import type { TreeNode } from './tree.ts';
import type { Done } from './tree-attempt.ts';
import { type TreePlace, treePaths } from './tree-place.ts';
import { textOf } from './tree-text.ts';
import { TreeWatch } from './tree-watch.ts';

interface StoredConfig {
  /** Undefined while there is no node. */
  readonly nodeVersion: number | undefined;
  readonly versions: readonly ConfigDocument[];
}

const nothingStored: StoredConfig = { nodeVersion: undefined, versions: [] };

/** The configuration over any tree: a node for each key. */
export class TreeConfigSource implements ConfigSource {
  readonly #place: TreePlace;
  readonly #watches = new Set<TreeWatch<TreeNode | undefined>>();
  #isClosed = false;

  constructor(place: TreePlace) {
    this.#place = place;
    place.options.tree.onSession((state) => {
      if (state === 'connected') for (const watch of this.#watches) watch.look();
    });
    place.onClose(() => {
      for (const watch of this.#watches) watch.stop();
    });
  }

  read(
    key: string,
    done: (error: Error | undefined, document: ConfigDocument | undefined) => void,
  ): void {
    this.#load(key, (error, stored) => done(error, stored?.versions[0]));
  }

  history(
    key: string,
    done: (error: Error | undefined, documents: readonly ConfigDocument[]) => void,
  ): void {
    this.#load(key, (error, stored) => done(error, stored?.versions ?? []));
  }

  write(
    change: ConfigChange,
    done: (error: Error | undefined, document: ConfigDocument | undefined) => void,
  ): void {
    const { clock } = this.#place.options;
    try {
      assertConfigChange(change);
    } catch (error) {
      clock.defer(() => done(error as Error, undefined));
      return;
    }
    const { key, value, basedOn, by, why } = change;
    this.#load(key, (error, { nodeVersion, versions } = nothingStored) => {
      if (error) return done(error, undefined);
      const place = this.#placeOf(key);
      if ((versions[0]?.version ?? 0) !== basedOn) {
        return done(veltrixErrors.create('veltrix-coordination-conflict', { place }), undefined);
      }
      const document = { key, value, version: basedOn + 1, by, why, at: Math.round(clock.now()) };
      const text = encodeConfig([document, ...versions].slice(0, configHistoryMax));
      this.#place.compareAndSet(pathOf(key), nodeVersion, text, (failure) =>
        done(failure, failure ? undefined : document),
      );
    });
  }

  watch(key: string, watcher: Watcher<ConfigDocument | undefined>): () => void {
    const { tree, clock, timings } = this.#place.options;
    const invalid = configKeyProblem(key);
    if (invalid) throw invalid;
    let shown: { readonly seen: string | undefined } | undefined;
    const watch = new TreeWatch<TreeNode | undefined>({
      clock,
      timings,
      place: this.#placeOf(key),
      look: (changed, done) => tree.read(pathOf(key), changed, done),
      show: (node) => {
        const seen = node && textOf(node.data);
        if (shown && shown.seen === seen) return;
        shown = { seen };
        let stored: StoredConfig;
        try {
          stored = this.#decode(key, node);
        } catch (error) {
          return watcher.problem?.(error as Error);
        }
        watcher.changed(stored.versions[0]);
      },
      problem: (error) => watcher.problem?.(error),
    });
    this.#watches.add(watch);
    watch.look();
    return () => {
      this.#watches.delete(watch);
      watch.stop();
    };
  }

  close(done: () => void): void {
    if (this.#isClosed) return this.#place.options.clock.defer(done);
    this.#isClosed = true;
    this.#place.close(done);
  }

  #load(key: string, done: Done<StoredConfig>): void {
    const invalid = configKeyProblem(key);
    if (invalid) {
      this.#place.options.clock.defer(() => done(invalid, undefined));
      return;
    }
    this.#place.read(pathOf(key), (error, node) => {
      if (error) return done(error, undefined);
      let stored: StoredConfig;
      try {
        stored = this.#decode(key, node);
      } catch (damage) {
        return done(damage as Error, undefined);
      }
      done(undefined, stored);
    });
  }

  #decode(key: string, node: TreeNode | undefined): StoredConfig {
    if (node === undefined) return nothingStored;
    const versions = decodeConfig(key, textOf(node.data), this.#placeOf(key));
    return { nodeVersion: node.version, versions };
  }

  #placeOf(key: string): string {
    return this.#place.nameOf(pathOf(key));
  }
}

function pathOf(key: string): string {
  return `${treePaths.config}/${key}`;
}
