import convict from 'convict';
import nconf from 'nconf';
import { ConfigSchema, flagLayer, LiveConfig, type Property, resolveConfig } from 'veltrix/config';
import { type BenchResult, defineBench, median, rounded } from './bench.ts';

const mostNs = 5;
const mostBytes = 0.01;
/** How far the slowest of the sizes may be from the quickest before reading counts as growing with them. */
const flatFactor = 1.5;
/** The reads change their place, or the compiler would take them out of the loop and measure nothing. */
const places = 16;
const perScope = 100;
const passes = 5;
/** The same for all sizes, so that they differ in nothing else. */
const key = 'p7Ms';

const sizes = { reads: 50_000_000, libraryReads: 2_000_000, properties: 1_000, watchers: 1_000 };
type ConfigSizes = typeof sizes;

export const config = defineBench({
  name: 'config',
  summary: 'Reading a setting on the hot path, beside convict and nconf',
  atLeast: '≤ 5 ns, no allocation, flat with properties and watchers',
  sizes,
  async run(sizes, runs): Promise<BenchResult> {
    const results: ReturnType<typeof measureAll>[] = [];
    for (let run = 0; run < runs; run++) results.push(measureAll(sizes));
    const of = (take: (result: (typeof results)[number]) => number) => median(results.map(take));
    const by = {
      few: of(({ few }) => few.ns),
      manyProperties: of(({ manyProperties }) => manyProperties.ns),
      manyWatchers: of(({ manyWatchers }) => manyWatchers.ns),
    };
    const value = Math.max(...Object.values(by));
    const least = Math.min(...Object.values(by));
    const bytes = Math.max(...results.map((result) => result.bytesPerRead));
    const isFlat = value <= least * flatFactor || value - least < 1;
    const [convictNs, nconfNs] = [of((result) => result.convict), of((result) => result.nconf)];
    const quickest = Math.min(convictNs, nconfNs);
    return {
      name: 'config',
      value: rounded(value),
      unit: 'ns a read, the slowest of three sizes',
      reference: convictNs < nconfNs ? 'convict' : 'nconf',
      referenceValue: rounded(quickest),
      ratio: rounded(value / quickest),
      met: value <= mostNs && bytes <= mostBytes && isFlat,
      bytesPerRead: rounded(bytes),
      nsWithTenProperties: rounded(by.few),
      [`nsWith${sizes.properties}Properties`]: rounded(by.manyProperties),
      [`nsWith${sizes.watchers}Watchers`]: rounded(by.manyWatchers),
      convictNs: rounded(convictNs),
      nconfNs: rounded(nconfNs),
      runs: results.map((result) =>
        rounded(Math.max(result.few.ns, result.manyProperties.ns, result.manyWatchers.ns)),
      ),
    };
  },
});

type Values = Readonly<Record<typeof key, number>>;

function measureAll({ reads, libraryReads, properties, watchers }: ConfigSizes) {
  const few = measure(reads, liveConfigs(10, 0));
  const manyProperties = measure(reads, liveConfigs(properties, 0));
  const manyWatchers = measure(reads, liveConfigs(properties, watchers));
  return {
    ...{ few, manyProperties, manyWatchers },
    bytesPerRead: Math.max(few.bytes, manyProperties.bytes, manyWatchers.bytes),
    convict: nsOf(libraryReads, readsOfConvict(properties)),
    nconf: nsOf(libraryReads, readsOfNconf(properties)),
  };
}

function table(properties: number): Record<string, Property> {
  const said = { text: 'A property.', why: 'For the bench.' };
  const property = { ...said, type: 'duration', default: 0, least: 0, most: 1e9 } as const;
  const names = Array.from(
    { length: properties },
    (_, index) => `s${Math.floor(index / perScope)}.p${index % perScope}Ms`,
  );
  return Object.fromEntries(names.map((name, index) => [name, { ...property, default: index }]));
}

/** Resolved and swapped as in the engine, with everybody told. */
function liveConfigs(properties: number, watchers: number): LiveConfig<Values>[] {
  const schema = new ConfigSchema({ prefix: 'BENCH', roles: [], table: table(properties) });
  return Array.from({ length: places }, (_, place) => {
    const { values } = resolveConfig(schema, [flagLayer([`s0.${key}=${place}`])]);
    const scope = `s0.`;
    const own = Object.entries(values).filter(([name]) => name.startsWith(scope));
    const section = Object.fromEntries(
      own.map(([name, value]) => [name.slice(scope.length), value]),
    );
    const live = new LiveConfig(section as Values);
    for (let watcher = 0; watcher < watchers; watcher++) live.onChange(() => {});
    live.replace({ ...live.current });
    return live;
  });
}

/** The quickest of some passes: what the others took longer was the machine's. */
function quickestNs(reads: number, pass: (reads: number) => number): number {
  const each = Math.ceil(reads / passes);
  // The first time compiles.
  pass(each);
  let quickest = Number.POSITIVE_INFINITY;
  for (let count = 0; count < passes; count++) {
    const start = performance.now();
    const sum = pass(each);
    quickest = Math.min(quickest, ((performance.now() - start) * 1e6) / each);
    if (sum !== expectedSum(each)) throw new Error(`the reads added up to ${sum}`);
  }
  return quickest;
}

function measure(reads: number, configs: readonly LiveConfig<Values>[]) {
  const before = process.memoryUsage().heapUsed;
  const ns = quickestNs(reads, (count) => sumOf(count, configs));
  const bytes = Math.max(0, process.memoryUsage().heapUsed - before) / reads;
  return { ns, bytes };
}

function sumOf(reads: number, configs: readonly LiveConfig<Values>[]): number {
  let sum = 0;
  for (let read = 0; read < reads; read++) sum += configs[read & (places - 1)]!.current[key];
  return sum;
}

function expectedSum(reads: number): number {
  const rounds = Math.floor(reads / places);
  const rest = reads % places;
  return (rounds * places * (places - 1)) / 2 + (rest * (rest - 1)) / 2;
}

function nsOf(reads: number, read: (place: number) => number): number {
  return quickestNs(reads, (count) => {
    let sum = 0;
    for (let index = 0; index < count; index++) sum += read(index & (places - 1));
    return sum;
  });
}

/** The values as both libraries have them: nested, with the place in the property that is read. */
function nested(properties: number, place: number): Record<string, Record<string, number>> {
  const sections: Record<string, Record<string, number>> = {};
  for (const [name, { default: value }] of Object.entries(table(properties))) {
    const [scope, inner] = name.split('.') as [string, string];
    const section = sections[scope] ?? {};
    sections[scope] = section;
    section[inner] = inner === key && scope === 's0' ? place : Number(value);
  }
  return sections;
}

function readsOfConvict(properties: number): (place: number) => number {
  const configs = Array.from({ length: places }, (_, place) => {
    const schema = Object.fromEntries(
      Object.entries(nested(properties, place)).map(([scope, section]) => [
        scope,
        Object.fromEntries(
          Object.entries(section).map(([name, value]) => [
            name,
            { doc: 'A property.', format: 'nat', default: value },
          ]),
        ),
      ]),
    );
    return convict(schema as convict.Schema<Record<string, Record<string, number>>>);
  });
  return (place) => configs[place]!.get(`s0.${key}`);
}

function readsOfNconf(properties: number): (place: number) => number {
  const configs = Array.from({ length: places }, (_, place) =>
    new nconf.Provider().defaults(nested(properties, place)),
  );
  return (place) => configs[place]!.get(`s0:${key}`);
}
