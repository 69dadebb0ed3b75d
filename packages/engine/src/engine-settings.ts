import { engineErrors } from './errors.ts';
import { type GatewayConfig, gatewaySettings } from './gateway/gateway-settings.ts';
import type { ProcessorSettings } from './processor/processor-settings.ts';

/** A setting that is not the gateway's. */
interface Setting {
  readonly default: number;
  readonly least: number;
  readonly most: number;
  readonly text: string;
}

const megabyte = 1 << 20;

const otherSettings = {
  'processor.threads': {
    default: 256,
    least: 1,
    most: 256,
    text: 'Threads that decide, at most. Never more than there are partitions, or cores.',
  },
  'processor.tableMaxRows': {
    default: 1 << 28,
    least: 1_000,
    most: 1 << 30,
    text: 'Rows in each table of a partition: teams, slots of progress, timers, messages.',
  },
  'processor.checkpointEveryDecisions': {
    default: 200_000,
    least: 1_000,
    most: 1e9,
    text: 'Decisions after which a checkpoint is taken; bounds what is folded again after a crash.',
  },
  'processor.resendDelayMs': {
    default: 250,
    least: 10,
    most: 60_000,
    text: 'How long a message to another partition waits for its acknowledgement before it is sent again.',
  },
  'log.segmentBytes': {
    default: 64 * megabyte,
    least: 16 * megabyte,
    most: 1024 * megabyte,
    text: 'Size of a log segment file, a multiple of 4,096.',
  },
  'log.recordMaxBytes': {
    default: 8 * megabyte,
    least: 2 * megabyte,
    most: 15 * megabyte,
    text: 'Largest record of the log.',
  },
  'log.inflightMaxBytes': {
    default: 64 * megabyte,
    least: 16 * megabyte,
    most: 1024 * megabyte,
    text: 'Bytes of a partition that may wait to become durable.',
  },
  'log.retainBytes': {
    default: 1e15,
    least: 0,
    most: 1e15,
    text: 'Bytes of the log that each partition keeps although it needs them no longer. The default keeps everything.',
  },
  'log.retainIntervalMs': {
    default: 60_000,
    least: 100,
    most: 86_400_000,
    text: 'How often log segments that are not needed are looked for, when log.retainBytes is set.',
  },
  'views.maxTeams': {
    default: 4_000_000,
    least: 1,
    most: 1e8,
    text: 'Teams in the standings of all hunts together; one costs about 66 bytes.',
  },
  'views.maxHunts': {
    default: 10_000,
    least: 1,
    most: 1e6,
    text: 'Hunts with standings; an empty one costs about 25 KB.',
  },
  'views.updatesMaxBytes': {
    default: 16 * megabyte,
    least: megabyte,
    most: 1024 * megabyte,
    text: 'Updates that wait for views outside of this process before the log is read no further.',
  },
  'archive.batchMaxBytes': {
    default: 2 * megabyte,
    least: 65_536,
    most: 64 * megabyte,
    text: 'About how much of the log goes into one transaction of the archive.',
  },
  'archive.maxWaitingQueries': {
    default: 1_000,
    least: 1,
    most: 1e6,
    text: 'Questions to the archive on their way at once.',
  },
  'archive.inflightMaxRequests': {
    default: 64,
    least: 1,
    most: 1_024,
    text: 'Requests to Cassandra on their way at once.',
  },
  'archive.inflightMaxBytes': {
    default: 8 * megabyte,
    least: megabyte,
    most: 256 * megabyte,
    text: 'Bytes of requests to Cassandra on their way at once.',
  },
  'archive.requestTimeoutMs': {
    default: 5_000,
    least: 100,
    most: 600_000,
    text: 'How long one request to Cassandra may take.',
  },
} as const satisfies Record<string, Setting>;

type OtherName = keyof typeof otherSettings;
type GatewayName = `gateway.${keyof typeof gatewaySettings}`;
export type SettingName = OtherName | GatewayName;
export type SettingValues = Partial<Readonly<Record<SettingName, number>>>;

const gatewayEntries = Object.entries(gatewaySettings).map(
  ([key, setting]) => [`gateway.${key}`, setting] as const,
);

/** Every setting of the engine with its default, range and meaning, by name. */
export const engineSettings: ReadonlyMap<string, Setting> = new Map<string, Setting>([
  ...gatewayEntries,
  ...Object.entries(otherSettings),
]);

/** Settings that are pinned when a data directory is made: `hunt serve --partitions`, and one more. */
export const pinnedSettings = ['partitions', 'dedupeWindow'] as const;

/**
 * Reads `name=value` texts. Throws `engine-setting-unknown`, `engine-setting-invalid`.
 */
export function readSettings(texts: readonly string[]): SettingValues {
  return Object.fromEntries(texts.map(readSetting));
}

function readSetting(text: string): [string, number] {
  const at = text.indexOf('=');
  const name = at < 0 ? text : text.slice(0, at);
  const setting = engineSettings.get(name);
  if (setting === undefined) throw engineErrors.create('engine-setting-unknown', { name });
  const { least, most } = setting;
  const value = at < 0 ? Number.NaN : Number(text.slice(at + 1).replaceAll('_', '') || Number.NaN);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw engineErrors.create('engine-setting-invalid', {
      name,
      value: text.slice(at + 1),
      least,
      most,
    });
  }
  return [name, value];
}

function settingOf(values: SettingValues, name: OtherName): number {
  return values[name] ?? otherSettings[name].default;
}

export function processorSettings(values: SettingValues): ProcessorSettings {
  return {
    threads: settingOf(values, 'processor.threads'),
    tableMaxRows: settingOf(values, 'processor.tableMaxRows'),
    checkpointEveryDecisions: settingOf(values, 'processor.checkpointEveryDecisions'),
    resendDelayMs: settingOf(values, 'processor.resendDelayMs'),
    segmentBytes: settingOf(values, 'log.segmentBytes'),
    recordMaxBytes: settingOf(values, 'log.recordMaxBytes'),
    inflightMaxBytes: settingOf(values, 'log.inflightMaxBytes'),
  };
}

/** Undefined when everything is kept, which is the default. */
export function retentionSettings(values: SettingValues) {
  const keepBytes = settingOf(values, 'log.retainBytes');
  if (keepBytes >= otherSettings['log.retainBytes'].default) return undefined;
  return { keepBytes, intervalMs: settingOf(values, 'log.retainIntervalMs') };
}

export function viewsSettings(values: SettingValues) {
  return {
    maxTeams: settingOf(values, 'views.maxTeams'),
    maxHunts: settingOf(values, 'views.maxHunts'),
    updatesMaxBytes: settingOf(values, 'views.updatesMaxBytes'),
  };
}

export function archiveSettings(values: SettingValues) {
  return {
    batchMaxBytes: settingOf(values, 'archive.batchMaxBytes'),
    maxWaitingQueries: settingOf(values, 'archive.maxWaitingQueries'),
  };
}

export function cassandraSettings(values: SettingValues) {
  return {
    inflightMaxRequests: settingOf(values, 'archive.inflightMaxRequests'),
    inflightMaxBytes: settingOf(values, 'archive.inflightMaxBytes'),
    maxWaitingQueries: settingOf(values, 'archive.maxWaitingQueries'),
    requestTimeoutMs: settingOf(values, 'archive.requestTimeoutMs'),
  };
}

export function gatewaySettingsOf(values: SettingValues): Partial<GatewayConfig> {
  const prefix = 'gateway.';
  return Object.fromEntries(
    Object.entries(values)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  );
}
