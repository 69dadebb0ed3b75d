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
import { referenceMix, searchCapacity } from './capacity-search.ts';
import { measureLive } from './live-cost.ts';
import { OtherPrograms } from './other-programs.ts';
import { measureRequest, settled, takenOf } from './request-cost.ts';
import { ServerProbe } from './server-probe.ts';

export interface CalibrationOptions {
  /** About how long it may take. */
  readonly seconds: number;
  /** Of the crowd. */
  readonly players?: number;
  /** No rate above it is tried, arrivals a second. */
  readonly rateMost?: number;
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
const usualSeconds = 120;
const times = { sliceMs: 500, liveMs: 600, stepMs: 1_200 };
const timeLeastMs = 150;
/** Later by so many times than it should be, it gives up. */
const lateMost = 3;
/** So many that they do not run out of what they can solve. */
const usualPlayers = 8_000;
const usualRateMost = 100_000;
const connections = 1_024;
const firstRate = 2_000;
/** Of what the kind before took. */
const startShare = 0.5;
/** Reads first: nothing that is decided has to be archived meanwhile. */
const order: ReadonlySet<RequestKind> = new Set(['standings', 'progress', ...requestKinds]);
const stepLeastMs = 300;
/** Default of gateway.liveIntervalMs. */
export const usualLiveIntervalMs = 250;
/** Nobody listens, so that it does not matter how many teams there are. */
const referenceWorkload: Workload = {
  ...{ mix: referenceMix, teams: 1, live: 0, liveIntervalMs: usualLiveIntervalMs },
};

/** The hunt of calibrations: something of everything. */
export function calibrationHunt(): LoadHunt {
  const source = loadHuntYaml();
  const { hunt } = compileHunt(source, 'a hunt made for calibration');
  return { source, definition: hunt!, trace: undefined };
}

/**
 * Measures on a server of its own what each kind of request costs, and how much of the machine a crowd can
 * take at most. Throws sizing-calibration-unsupported, sizing-calibration-failed,
 * sizing-calibration-slow, what `withLoadServer` and `LoadSession` throw, and the reason of the signal.
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
  options: CalibrationOptions,
): Promise<Calibration> {
  const { seconds, signal, onProgress } = options;
  const { players = usualPlayers, rateMost = usualRateMost } = options;
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
  try {
    const target = { session, probe, rateMost };
    const lasting = {
      stepMs: Math.max(stepLeastMs, long(times.stepMs)),
      sliceMs: long(times.sliceMs),
    };
    // What runs for the first time is slow: nothing of this counts.
    isAt('warming up');
    let rate = await takenOf(referenceMix, target, lasting.stepMs, firstRate);
    let teams = players;
    for (const kind of order) {
      isAt(`what "${kind}" costs`);
      // What the kind before left for later is not to be in this one's bytes.
      await settled(probe);
      const { cost, sent } = await measureRequest(kind, target, lasting, rate * startShare);
      requests[kind] = cost;
      rate = cost.perSecond;
      if (kind === 'join') teams += sent;
    }
    const teamBytes = ((await probe.stateBytes()) - stateBytes) / teams;
    isAt('what listeners cost');
    const live = await measureLive({ ...crowd, players: 200 }, probe, long(times.liveMs));
    isAt('what it takes of the usual mix');
    const costs: Costs = {
      ...{ format: calibrationFormat, at: new Date().toISOString(), release: manifest.version },
      machine: {
        cpu: cpus()[0]?.model.trim() ?? 'unknown',
        ...{ cores: availableParallelism(), memoryBytes: totalmem() },
        system: `${process.platform} ${systemRelease()}, Node ${process.version}`,
      },
      ...{ requests, live, memory: { startBytes, teamBytes } },
    };
    const usable = await usableShare(costs, session, lasting.stepMs, onProgress);
    const took = Math.round((performance.now() - from) / 1_000);
    return { ...costs, usable, seconds: took, othersShare: others.share() };
  } finally {
    await session.close();
  }
}

/** What is known before the usable share. */
type Costs = Omit<Calibration, 'usable' | 'seconds' | 'othersShare'>;

/** How full the fullest resource was, by the costs, while more of the reference mix was offered than it takes. */
async function usableShare(
  costs: Costs,
  session: LoadSession,
  stepMs: number,
  onProgress: (text: string) => void,
): Promise<Calibration['usable']> {
  const machine = thisMachine(costs.machine.cores);
  const whole = { share: 1, perSecond: 0, mix: referenceMix, sentence: '' };
  const all: Calibration = { ...costs, seconds: 0, othersShare: 0, usable: whole };
  const expected = capacityOf(all, referenceWorkload, machine).perSecond;
  const from = Math.max(1, expected / 2);
  const search = { mix: referenceMix, from, most: from * 8, stepMs };
  const { perSecond, sentence } = await searchCapacity(session, search, onProgress);
  if (perSecond === null) {
    throw sizingErrors.create('sizing-calibration-failed', {
      ...{ kind: 'the usual mix', reason: sentence.replace(/\.$/, '') },
    });
  }
  const share = fullestShare(all, referenceWorkload, machine, perSecond);
  return { share, perSecond: Math.round(perSecond), mix: referenceMix, sentence };
}

/** A server with one partition, and who sends beside it. */
export function thisMachine(cores: number): CapacityMachine {
  return { cores, foldThreads: 1, hasGenerator: true, isSustained: false };
}
