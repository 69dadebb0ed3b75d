import type { SettingName } from '@hunt/engine';

const kibibyte = 1_024;
const mebibyte = 1_048_576;

/** Settings that may make a process quicker or slower under load, each with values beside its default to try. */
export const tunableSettings = {
  'gateway.admissionTargetMs': [2, 30],
  'gateway.recordMaxBytes': [16 * kibibyte, mebibyte],
  'gateway.inflightMaxCommands': [2_000, 100_000],
  'gateway.refusalsPerSecond': [100, 20_000],
  'gateway.liveIntervalMs': [100, 1_000],
  'gateway.answerCacheMax': [100, 500_000],
  'gateway.recentOutcomes': [4_096, mebibyte],
  'gateway.liveEventsPerPartition': [1_024, 131_072],
  'processor.checkpointEveryDecisions': [20_000, 2_000_000],
  'log.segmentBytes': [16 * mebibyte, 256 * mebibyte],
  'log.recordMaxBytes': [2 * mebibyte, 15 * mebibyte],
  'log.inflightMaxBytes': [16 * mebibyte, 256 * mebibyte],
  'archive.batchMaxBytes': [128 * kibibyte, 16 * mebibyte],
} as const satisfies Partial<Record<SettingName, readonly number[]>>;

export type TunableSetting = keyof typeof tunableSettings;

/** Settings of one trial, beside the defaults. */
export type TriedSettings = Readonly<Partial<Record<TunableSetting, number>>>;

/** Every value of some of the settings, by itself. */
export function candidatesOf(names: readonly TunableSetting[]): TriedSettings[] {
  return names.flatMap((name) => tunableSettings[name].map((value) => ({ [name]: value })));
}
