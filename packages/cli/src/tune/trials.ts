import { LoadSession, type SteadyResult } from '@hunt/load';
import { calibrationHunt } from '../calibrate/calibration-hunt.ts';
import { referenceMix, searchCapacity } from '../calibrate/capacity-search.ts';
import { unlimitedPlayers } from '../calibrate/new-server.ts';
import { withLoadServer } from '../load/load-server.ts';
import { middleMean } from './rank-shift.ts';
import type { TriedSettings } from './tunable-settings.ts';
import type { Trial } from './tuning.ts';

export interface TrialOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Arrivals a second that the defaults take. */
  readonly knee: number;
}

/** Of fewer, most would have solved everything before a trial is over. */
const players = 2_400;
const connections = 512;
const live = 100;
const times = { warmUpMs: 1_000, calmMs: 5_000, rushMs: 1_500 };
/** Shares of the knee: with room to spare, and with more than there is room for. */
const calmShare = 0.35;
const rushShare = 1.4;
const search = { from: 500, most: 40_000, stepMs: 1_000 };
const mix = referenceMix;

/** A new server with these settings, a crowd, and both loads. Throws what `withLoadServer` and `LoadSession` throw. */
export function runTrial(
  tried: TriedSettings,
  { env, signal, knee }: TrialOptions,
): Promise<Trial> {
  const hunt = calibrationHunt();
  const given = Object.entries(tried).map(([name, value]) => `${name}=${value}`);
  const settings = [...unlimitedPlayers, ...given];
  const where = { target: undefined, hunt, needsCodes: false, settings, env, signal };
  return withLoadServer(where, async ({ baseUrl, scanCodes }) => {
    const crowd = { baseUrl, hunt: hunt.definition, scanCodes, players, connections, live, signal };
    const session = await LoadSession.open(crowd);
    try {
      const calm = { mix, perSecond: knee * calmShare };
      const { p99Ms, slices } = await session.run({ ...calm, forMs: times.calmMs, seed: 2 });
      const rush = { mix, perSecond: knee * rushShare, forMs: times.rushMs, seed: 3 };
      const { perSecond } = await session.run(rush);
      const typical = typicalP99Ms(slices, times.warmUpMs) ?? p99Ms;
      return { p99Ms: typical, perSecond: Math.max(1, perSecond) };
    } finally {
      await session.close();
    }
  });
}

/**
 * The mean of the middle half of the 99th percentiles of short slices of time, after a warm-up: a stall of the machine is in one or two
 * of them, where it would decide the 99th percentile of all. As a factor: the geometric mean. Undefined when nothing was due after the warm-up.
 */
export function typicalP99Ms(slices: SteadyResult['slices'], warmUpMs: number): number | undefined {
  const p99s = slices.flatMap(({ fromMs, p99Ms }) =>
    fromMs < warmUpMs || p99Ms === 0 ? [] : [p99Ms],
  );
  return p99s.length === 0 ? undefined : Math.exp(middleMean(p99s.map(Math.log)));
}

/** What the defaults take. Throws what `withLoadServer` and `runLoad` throw. */
export function kneeOfDefaults(
  { env, signal }: Omit<TrialOptions, 'knee'>,
  onProgress: (text: string) => void,
): Promise<number> {
  const hunt = calibrationHunt();
  const settings = unlimitedPlayers;
  const where = { target: undefined, hunt, needsCodes: false, settings, env, signal };
  return withLoadServer(where, async ({ baseUrl, scanCodes }) => {
    const crowd = { baseUrl, scanCodes, hunt: hunt.definition, players, connections, signal };
    const session = await LoadSession.open({ ...crowd, live });
    try {
      return (
        (await searchCapacity(session, { ...search, mix }, onProgress)).perSecond ?? search.from / 2
      );
    } finally {
      await session.close();
    }
  });
}
