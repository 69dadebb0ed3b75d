import { isDeepStrictEqual } from 'node:util';
import type { Layer } from './config-layer.ts';
import type { ConfigSchema, ConfigValues } from './config-schema.ts';
import { type Live, LiveConfig, scopeValues } from './live-config.ts';
import type { PropertyValue } from './property.ts';
import {
  type Asker,
  assertNoProblems,
  brokenRelations,
  resolveConfig,
  type Setting,
} from './resolve-config.ts';

export interface ConfigKeeperOptions {
  readonly schema: ConfigSchema;
  /** What the sources say at the start; at most one layer of each that may say something else later. */
  readonly layers: readonly Layer[];
  readonly asker?: Asker;
}

/** The values of a scope by key, by the name of the hunt. */
export interface ScopeByHunt {
  readonly byHunt: ReadonlyMap<string, Readonly<Record<string, PropertyValue>>>;
}

/** One setting before and after a change. */
export interface ChangedSetting {
  readonly name: string;
  /** Of a hunt that has it otherwise than the others. */
  readonly hunt?: string;
  readonly before: PropertyValue;
  readonly after: PropertyValue;
  /** Where the value comes from now. */
  readonly place: string;
}

/** What a change made different. */
export interface AppliedChange {
  readonly changed: readonly ChangedSetting[];
  /**
   * Names of those that differ in the sources, but do not count before a start anew: they are read then only, or may not be
   * beside one that is.
   */
  readonly waiting: readonly string[];
}

type Settings = ReadonlyMap<string, Setting>;

/** What counts, for all and for those hunts that the sources name. */
interface Counting {
  readonly settings: Settings;
  readonly byHunt: ReadonlyMap<string, Settings>;
}

/** The settings of one process: what they are now, where from, and what may change them while it runs. */
export class ConfigKeeper {
  readonly schema: ConfigSchema;
  readonly #asker: Asker | undefined;
  readonly #live = new Map<string, LiveConfig<Readonly<Record<string, PropertyValue>>>>();
  readonly #liveByHunt = new Map<string, LiveConfig<ScopeByHunt>>();
  #layers: readonly Layer[];
  #started: Settings;
  #counting: Counting;
  #values: ConfigValues;

  /** Throws what is wrong with the layers: `veltrix-setting-*`, or `veltrix-settings-refused` for several. */
  constructor({ schema, layers, asker }: ConfigKeeperOptions) {
    this.schema = schema;
    this.#asker = asker;
    this.#layers = layers;
    this.#counting = this.#resolve(layers);
    this.#started = this.#counting.settings;
    this.#values = valuesOf(this.#started);
  }

  /** By the full name; what is read at start only is as it was then. */
  get values(): ConfigValues {
    return this.#values;
  }

  /** Whether somebody set it, or it is the default. */
  isSet(name: string): boolean {
    return this.#counting.settings.get(name)?.source !== 'default';
  }

  /** Where the value of a setting comes from, for messages; undefined for a default. */
  placeOf(name: string): string | undefined {
    const setting = this.#counting.settings.get(name);
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
  begin(layer: Layer): void {
    const layers = this.#layersWith(layer);
    const counting = this.#resolve(layers);
    this.#started = counting.settings;
    this.#take(layers, counting);
  }

  /**
   * Takes what a source says now, in place of all that it said before, checked together with everything else. Throws as
   * the constructor does, and then nothing has changed; or an AggregateError of listeners that failed, and then all has.
   */
  apply(layer: Layer): AppliedChange {
    const layers = this.#layersWith(layer);
    const wanted = this.#resolve(layers);
    const present = this.#counting;
    const next: Counting = {
      settings: this.#countingOf(wanted.settings, present.settings),
      byHunt: new Map(
        [...wanted.byHunt].map(([hunt, own]) => {
          return [hunt, this.#countingOf(own, present.byHunt.get(hunt) ?? present.settings)];
        }),
      ),
    };
    const waiting = waitingNames(wanted, next);
    const changed = changesBetween(this.#counting, next);
    this.#take(layers, next);
    return { changed, waiting };
  }

  #take(layers: readonly Layer[], counting: Counting): void {
    this.#layers = layers;
    this.#counting = counting;
    this.#values = valuesOf(counting.settings);
    const replacements = [
      ...[...this.#live].flatMap(([scope, live]) => {
        const next = scopeValues(this.#values, scope);
        return isDeepStrictEqual(next, { ...live.current }) ? [] : [() => live.replace(next)];
      }),
      ...[...this.#liveByHunt].flatMap(([scope, live]) => {
        const next = this.#scopeByHunt(scope);
        const isSame = isDeepStrictEqual(next.byHunt, live.current.byHunt);
        return isSame ? [] : [() => live.replace(next)];
      }),
    ];
    doAll(replacements);
  }

  #scopeByHunt(scope: string): ScopeByHunt {
    const byHunt = [...this.#counting.byHunt].map(([hunt, own]) => {
      return [hunt, Object.freeze(scopeValues(valuesOf(own), scope))] as const;
    });
    return { byHunt: new Map(byHunt) };
  }

  /**
   * What counts of what is wanted: what is read at start only is as it was then, and what may not be beside that stays as it
   * is at present.
   */
  #countingOf(wanted: Settings, present: Settings): Settings {
    const isDynamic = (name: string) => this.schema.properties.get(name)?.dynamic === true;
    const counting = new Map(
      [...wanted].map(([name, setting]) => [
        name,
        isDynamic(name) ? setting : this.#started.get(name)!,
      ]),
    );
    for (;;) {
      const held = brokenRelations(this.schema, counting)
        .flatMap(({ names }) => names)
        .filter((name) => counting.get(name) !== present.get(name));
      if (held.length === 0) return counting;
      for (const name of held) counting.set(name, present.get(name)!);
    }
  }

  #layersWith(layer: Layer): readonly Layer[] {
    return [...this.#layers.filter(({ source }) => source !== layer.source), layer];
  }

  #resolve(layers: readonly Layer[]): Counting {
    const settingsFor = (asker: Asker | undefined): Settings => {
      const { settings, problems } = resolveConfig(this.schema, layers, asker);
      assertNoProblems(problems);
      return settings;
    };
    const hunts = layers
      .flatMap(({ entries }) => entries)
      .flatMap(({ target }) => (target?.kind === 'hunt' ? [target.of] : []));
    const settings = settingsFor(this.#asker);
    const byHunt = [...new Set(hunts)].map((hunt) => {
      return [hunt, settingsFor({ ...this.#asker, hunt })] as const;
    });
    return { settings, byHunt: new Map(byHunt) };
  }
}

function valuesOf(settings: Settings): ConfigValues {
  return Object.freeze(Object.fromEntries([...settings].map(([name, { value }]) => [name, value])));
}

/** All of them, whichever fail. Throws an AggregateError of what they throw. */
function doAll(tasks: readonly (() => void)[]): void {
  const failures: unknown[] = [];
  for (const task of tasks) {
    try {
      task();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'listeners of settings failed');
}

function waitingNames(wanted: Counting, counting: Counting): string[] {
  const differing = (own: Settings, counted: Settings) =>
    [...own.values()].flatMap(({ name, value }) =>
      isDeepStrictEqual(value, counted.get(name)!.value) ? [] : [name],
    );
  const byHunt = [...wanted.byHunt].flatMap(([hunt, own]) =>
    differing(own, counting.byHunt.get(hunt)!),
  );
  return [...new Set([...differing(wanted.settings, counting.settings), ...byHunt])];
}

/** Of a hunt only what does not change for everybody in the same way. */
function changesBetween(before: Counting, after: Counting): ChangedSetting[] {
  const forAll = differences(before.settings, after.settings);
  const isForAll = ({ name, before, after }: ChangedSetting) =>
    forAll.some(
      (other) =>
        other.name === name && isDeepStrictEqual([other.before, other.after], [before, after]),
    );
  const hunts = new Set([...before.byHunt.keys(), ...after.byHunt.keys()]);
  const byHunt = [...hunts].flatMap((hunt) =>
    differences(
      before.byHunt.get(hunt) ?? before.settings,
      after.byHunt.get(hunt) ?? after.settings,
    )
      .filter((change) => !isForAll(change))
      .map((change) => ({ ...change, hunt })),
  );
  return [...forAll, ...byHunt];
}

function differences(before: Settings, after: Settings): ChangedSetting[] {
  return [...after.values()].flatMap(({ name, value, place }) => {
    const previous = before.get(name)!.value;
    return isDeepStrictEqual(previous, value)
      ? []
      : [{ name, before: previous, after: value, place }];
  });
}
