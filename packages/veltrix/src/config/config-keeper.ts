import { isDeepStrictEqual } from 'node:util';
import type { Layer } from './config-layer.ts';
import type { ConfigSchema, ConfigValues } from './config-schema.ts';
import { type Live, LiveConfig, scopeValues } from './live-config.ts';
import type { PropertyValue } from './property.ts';
import {
  type Asker,
  assertNoProblems,
  type ResolvedConfig,
  resolveConfig,
} from './resolve-config.ts';

export interface ConfigKeeperOptions {
  readonly schema: ConfigSchema;
  /** Everything but what comes from the cluster. */
  readonly layers: readonly Layer[];
  readonly asker?: Asker;
}

/** The values of a scope by key, by the name of the hunt. */
export interface ScopeByHunt {
  readonly byHunt: ReadonlyMap<string, Readonly<Record<string, PropertyValue>>>;
}

/** What a change made different, by name. */
export interface AppliedChange {
  readonly changed: readonly string[];
  /** Changed in the sources, but read at start only: the process goes on with what it began with. */
  readonly waiting: readonly string[];
}

/** The settings of one process: what they are now, where from, and what may change them while it runs. */
export class ConfigKeeper {
  readonly schema: ConfigSchema;
  readonly #options: ConfigKeeperOptions;
  readonly #live = new Map<string, LiveConfig<Readonly<Record<string, PropertyValue>>>>();
  readonly #liveByHunt = new Map<string, LiveConfig<ScopeByHunt>>();
  #started: ConfigValues;
  #resolved: ResolvedConfig;
  #values: ConfigValues;
  #valuesByHunt: ReadonlyMap<string, ConfigValues>;

  /** Throws what is wrong with the layers: `veltrix-setting-*`, or `veltrix-settings-refused` for several. */
  constructor(options: ConfigKeeperOptions) {
    this.schema = options.schema;
    this.#options = options;
    const { resolved, byHunt } = this.#resolve(undefined);
    this.#resolved = resolved;
    this.#started = resolved.values;
    this.#values = this.#started;
    this.#valuesByHunt = byHunt;
  }

  /** By the full name; what is read at start only is as it was then. */
  get values(): ConfigValues {
    return this.#values;
  }

  /** Whether somebody set it, or it is the default. */
  isSet(name: string): boolean {
    return this.#resolved.settings.get(name)?.source !== 'default';
  }

  /** Where the value of a setting comes from, for messages; undefined for a default. */
  placeOf(name: string): string | undefined {
    const setting = this.#resolved.settings.get(name);
    return setting?.source === 'default' ? undefined : setting?.place;
  }

  /** The values of a scope by key, replaced as a whole by each change; one object for all who ask. */
  live(scope: string): Live<Readonly<Record<string, PropertyValue>>> {
    const known = this.#live.get(scope);
    if (known) return known;
    const live = new LiveConfig(scopeValues(this.#values, scope));
    this.#live.set(scope, live);
    return live;
  }

  /** As `live`, of those hunts that have values of their own. */
  liveByHunt(scope: string): Live<ScopeByHunt> {
    const known = this.#liveByHunt.get(scope);
    if (known) return known;
    const live = new LiveConfig(this.#scopeByHunt(scope));
    this.#liveByHunt.set(scope, live);
    return live;
  }

  /** As `apply`, before anything has read a setting: those that are read at start only are taken, too. */
  begin(cluster: Layer | undefined): void {
    const { resolved, byHunt } = this.#resolve(cluster);
    this.#resolved = resolved;
    this.#started = resolved.values;
    this.#values = this.#started;
    this.#valuesByHunt = byHunt;
    this.#replaceLive();
  }

  /**
   * Takes other values from the cluster, checked together with everything else. Throws as the constructor does, and then
   * nothing has changed.
   */
  apply(cluster: Layer | undefined): AppliedChange {
    const { resolved, byHunt } = this.#resolve(cluster);
    const names = [...this.schema.properties].map(([name]) => name);
    const differs = (name: string) => !isDeepStrictEqual(resolved.values[name], this.#values[name]);
    const hunts = new Set([...byHunt.keys(), ...this.#valuesByHunt.keys()]);
    const differsByHunt = (name: string) =>
      [...hunts].some((hunt) => {
        const [before, after] = [this.#valuesByHunt.get(hunt), byHunt.get(hunt)];
        return !isDeepStrictEqual((before ?? this.#values)[name], (after ?? resolved.values)[name]);
      });
    const changed = names.filter(
      (name) => this.#isDynamic(name) && (differs(name) || differsByHunt(name)),
    );
    const waiting = names.filter((name) => differs(name) && !this.#isDynamic(name));
    const values = names.map((name) => {
      const from = this.#isDynamic(name) ? resolved.values : this.#started;
      return [name, from[name]!] as const;
    });
    this.#resolved = resolved;
    this.#values = Object.freeze(Object.fromEntries(values));
    this.#valuesByHunt = byHunt;
    this.#replaceLive();
    return { changed, waiting };
  }

  #replaceLive(): void {
    for (const [scope, live] of this.#live) {
      const next = scopeValues(this.#values, scope);
      if (!isDeepStrictEqual(next, { ...live.current })) live.replace(next);
    }
    for (const [scope, live] of this.#liveByHunt) {
      const next = this.#scopeByHunt(scope);
      if (!isDeepStrictEqual(next.byHunt, live.current.byHunt)) live.replace(next);
    }
  }

  #scopeByHunt(scope: string): ScopeByHunt {
    const byHunt = [...this.#valuesByHunt].map(([hunt, values]) => {
      return [hunt, Object.freeze(scopeValues(values, scope))] as const;
    });
    return { byHunt: new Map(byHunt) };
  }

  #isDynamic(name: string): boolean {
    return this.schema.properties.get(name)?.dynamic === true;
  }

  #resolve(cluster: Layer | undefined) {
    const { schema, layers, asker } = this.#options;
    const all = cluster === undefined ? layers : [...layers, cluster];
    const resolved = resolveConfig(schema, all, asker);
    assertNoProblems(resolved.problems);
    const hunts = all
      .flatMap(({ entries }) => entries)
      .flatMap(({ target }) => (target?.kind === 'hunt' ? [target.of] : []));
    const byHunt = new Map<string, ConfigValues>();
    for (const hunt of new Set(hunts)) {
      const own = resolveConfig(schema, all, { ...asker, hunt });
      assertNoProblems(own.problems);
      byHunt.set(hunt, own.values);
    }
    return { resolved, byHunt };
  }
}
