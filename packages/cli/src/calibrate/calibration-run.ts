import { availableParallelism, cpus, release as systemRelease, totalmem } from 'node:os';
import {
  type Calibration,
  type CapacityMachine,
  calibrationFormat,
  capacityOf,
  fullestShare,
  type RequestCost,
  type RequestKind,
  requestKinds,
  sizingErrors,
  type Workload,
} from '@hunt/engine/sizing';
import { LoadSession, loadHuntYaml } from '@hunt/load';
import { compileHunt } from '@hunt/rules/definition';
import manifest from '../../package.json' with { type: 'json' };
import type { LoadHunt } from '../load/load-hunt.ts';
import { type LoadServer, withLoadServer } from '../load/load-server.ts';
import { referenceMix, searchCapacity, searchPlayers } from './capacity-search.ts';
import { measureLive } from './live-cost.ts';
import { OtherPrograms } from './other-programs.ts';
import { busyRate, measureRequest, settled } from './request-cost.ts';
import { ServerProbe } from './server-probe.ts';

export interface CalibrationOptions {
  /** About how long it may take. */
  readonly seconds: number;
  /** What has to hold for a rate to count as taken. */
  readonly p99Ms: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
}

/** A crowd whose rates are not limited: what the engine takes is asked, not what one player may. */
export const unlimitedPlayers = [
  'gateway.playerRatePerSecond=1000000',
  'gateway.playerBurst=1000000',
] as const;

/** Times below are for a calibration of this length, and longer or shorter with it. */
const usualSeconds = 60;
const times = { warmUpMs: 1_000, probeMs: 300, sliceMs: 500, liveMs: 600, stepMs: 1_000 };
const timeLeastMs = 150;
/** Later by so many times than it should be, it gives up. */
const lateMost = 2;
const players = 2_000;
const connections = 512;
const firstRate = 300;
/** Reads first: nothing that is decided has to be archived meanwhile. */
const order: ReadonlySet<RequestKind> = new Set(['standings', 'progress', ...requestKinds]);
const precision = 0.07;
/** Default of gateway.liveIntervalMs. */
export const usualLiveIntervalMs = 250;

/** The hunt of calibrations: something of everything. */
export function calibrationHunt(): LoadHunt {
  const source = loadHuntYaml();
  const { hunt } = compileHunt(source, 'a hunt made for calibration');
  return { source, definition: hunt!, trace: undefined };
}

/**
 * Measures on a server of its own what each kind of request costs, and how much of the machine a crowd can
 * use before the objective breaks. Throws sizing-calibration-unsupported, sizing-calibration-failed, sizing-calibration-slow, what
 * `withLoadServer` and `LoadSession` throw, and the reason of the signal.
 */
export async function runCalibration(options: CalibrationOptions): Promise<Calibration> {
  const hunt = calibrationHunt();
  const { env, signal } = options;
  const where = { target: undefined, hunt, needsCodes: true, settings: unlimitedPlayers };
  return withLoadServer({ ...where, env, signal }, (server) => calibrate(server, hunt, options));
}

async function calibrate(
  { baseUrl, scanCodes, pid }: LoadServer,
  { definition }: LoadHunt,
  { seconds, p99Ms, signal, onProgress }: CalibrationOptions,
): Promise<Calibration> {
  const from = performance.now();
  const probe = new ServerProbe(pid!, baseUrl);
  const others = new OtherPrograms(probe);
  const isAt = (part: string) => {
    onProgress(part);
    const passed = (performance.now() - from) / 1_000;
    if (passed <= seconds * lateMost) return;
    throw sizingErrors.create('sizing-calibration-slow', {
      ...{ seconds: Math.round(passed), part, wanted: seconds },
      others: Math.round(others.share() * 100),
    });
  };
  const long = (ms: number) => Math.max(timeLeastMs, (ms * seconds) / usualSeconds);
  const crowd = { baseUrl, hunt: definition, scanCodes, signal };
  const [startBytes, stateBytes] = [probe.residentBytes(), await probe.stateBytes()];
  const requests: Partial<Record<RequestKind, RequestCost>> = {};
  isAt(`${players} players join`);
  const session = await LoadSession.open({ ...crowd, players, connections, live: 0 });
  let teams = players;
  try {
    // What runs for the first time is slow: as busy as it gets, and nothing of it counts.
    const target = { session, probe };
    const warm = await busyRate(referenceMix, target, long(times.warmUpMs), firstRate);
    await settled(probe);
    let rate = warm.perSecond / 2;
    for (const kind of order) {
      isAt(`what "${kind}" costs`);
      const measured = { probeMs: long(times.probeMs), sliceMs: long(times.sliceMs) };
      const { cost, sent } = await measureRequest(kind, target, measured, rate);
      requests[kind] = cost;
      rate = cost.perSecond / 2;
      if (kind === 'join') teams += sent;
    }
  } finally {
    await session.close();
  }
  const teamBytes = ((await probe.stateBytes()) - stateBytes) / teams;
  isAt('what listeners cost');
  const live = await measureLive({ ...crowd, players: 200 }, probe, long(times.liveMs));
  isAt('the knee of the usual mix');
  const measured: Costs = {
    ...{ format: calibrationFormat, at: new Date().toISOString(), release: manifest.version },
    machine: {
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      ...{ cores: availableParallelism(), memoryBytes: totalmem() },
      system: `${process.platform} ${systemRelease()}, Node ${process.version}`,
    },
    ...{ objective: { p99Ms }, requests, live, memory: { startBytes, teamBytes } },
  };
  const usable = await usableShare(measured, { ...crowd, stepMs: long(times.stepMs), onProgress });
  const took = Math.round((performance.now() - from) / 1_000);
  return { ...measured, usable, seconds: took, othersShare: others.share() };
}

/** What is known before the usable share. */
type Costs = Omit<Calibration, 'usable' | 'seconds' | 'othersShare'>;

interface ReferenceTarget {
  readonly baseUrl: string;
  readonly hunt: LoadHunt['definition'];
  readonly scanCodes: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
  readonly stepMs: number;
}

/** How full the fullest resource was, by the costs, when the reference mix was at its knee. */
async function usableShare(
  costs: Costs,
  { stepMs, ...target }: ReferenceTarget,
): Promise<Calibration['usable']> {
  const machine = thisMachine(costs.machine.cores);
  const whole = { share: 1, perSecond: 0, mix: referenceMix, sentence: '' };
  const all: Calibration = { ...costs, seconds: 0, othersShare: 0, usable: whole };
  const most = Math.max(2, capacityOf(all, referenceWorkload(1), machine).perSecond);
  const search = {
    ...{ mix: referenceMix, live: 0, p99Ms: costs.objective.p99Ms, precision },
    ...{ from: most / 2, most: most * 1.5, stepMs: Math.max(500, stepMs) },
  };
  const { perSecond, sentence } = await searchCapacity(search, target);
  if (perSecond === null) {
    throw sizingErrors.create('sizing-calibration-failed', {
      ...{ kind: 'the reference mix', decided: 0, offered: Math.round(most / 2) },
      failures: sentence.replace(/\.$/, ''),
    });
  }
  const teams = searchPlayers(search);
  const share = fullestShare(all, referenceWorkload(teams), machine, perSecond);
  return { share, perSecond: Math.round(perSecond), mix: referenceMix, sentence };
}

function referenceWorkload(teams: number): Workload {
  return { mix: referenceMix, teams, live: 0, liveIntervalMs: usualLiveIntervalMs };
}

/** A server with one partition, and who sends beside it. */
export function thisMachine(cores: number): CapacityMachine {
  return { cores, foldThreads: 1, hasGenerator: true, isSustained: false };
}
