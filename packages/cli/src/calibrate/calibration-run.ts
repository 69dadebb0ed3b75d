import { availableParallelism, cpus, release as systemRelease, totalmem } from 'node:os';
import {
  type Calibration,
  type CapacityMachine,
  calibrationFormat,
  fullestShare,
  type Mix,
  type RequestCost,
  type RequestKind,
  requestKinds,
  sizingErrors,
  type UsableShare,
} from '@hunt/engine/sizing';
import manifest from '../../package.json' with { type: 'json' };
import { calibrationHunt } from './calibration-hunt.ts';
import { referenceMix } from './capacity-search.ts';
import { measureLive } from './live-cost.ts';
import { type NewServer, withNewServer } from './new-server.ts';
import { OtherPrograms } from './other-programs.ts';
import { measureRequest, takenOf } from './request-cost.ts';

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

/** Times below are for a calibration of this length, and longer or shorter with it. */
const usualSeconds = 240;
const times = { sliceMs: 500, liveMs: 1_000, stepMs: 1_000 };
const timeLeastMs = 150;
const stepLeastMs = 300;
/** Later by so many times than it should be, it gives up. */
const lateMost = 3;
const usualPlayers = 8_000;
const usualRateMost = 100_000;
const connections = 1_024;
/** Default of gateway.liveIntervalMs. */
export const usualLiveIntervalMs = 250;
/** So that it does not matter how many teams there are. */
const nobodyListens = { teams: 1, live: 0, liveIntervalMs: usualLiveIntervalMs };
/** The usual mix with other commands in place of its reads, and reads alone. */
const commandMix = { 'answer-wrong': 60, 'answer-right': 20, hint: 10, claim: 10 } satisfies Mix;
const readMix = { progress: 50, standings: 50 } satisfies Mix;

/**
 * Measures what each kind of request costs, on a new server each, and how much of the machine a crowd can
 * take at most. Throws sizing-calibration-unsupported, sizing-calibration-failed,
 * sizing-calibration-slow, what `withNewServer` throws, and the reason of the signal.
 */
export async function runCalibration(options: CalibrationOptions): Promise<Calibration> {
  const { seconds, env, signal, onProgress } = options;
  const { players = usualPlayers, rateMost = usualRateMost } = options;
  const from = performance.now();
  const passed = () => (performance.now() - from) / 1_000;
  const others = new OtherPrograms();
  const onNewServer = <Result>(
    part: string,
    task: (server: NewServer) => Promise<Result>,
    kind?: RequestKind,
  ): Promise<Result> => {
    onProgress(part);
    if (passed() > seconds * lateMost) {
      throw sizingErrors.create('sizing-calibration-slow', {
        ...{ seconds: Math.round(passed()), part, wanted: seconds },
        others: Math.round(others.share() * 100),
      });
    }
    const where = { hunt: calibrationHunt(kind), env, signal };
    return withNewServer(where, (server) => others.during(server.probe, () => task(server)));
  };
  const long = (ms: number) => Math.max(timeLeastMs, (ms * seconds) / usualSeconds);
  const lasting = {
    stepMs: Math.max(stepLeastMs, long(times.stepMs)),
    sliceMs: long(times.sliceMs),
  };
  const crowdSize = { players, connections, live: 0 };
  const requests: Partial<Record<RequestKind, RequestCost>> = {};
  for (const kind of requestKinds) {
    const measure = async ({ probe, crowd }: NewServer) => {
      const target = { session: await crowd(crowdSize), probe, rateMost };
      return measureRequest(kind, target, lasting);
    };
    requests[kind] = await onNewServer(`what "${kind}" costs`, measure, kind);
  }
  const live = await onNewServer('what listeners cost', (server) =>
    measureLive(server, long(times.liveMs)),
  );
  const costs = { requests, live };
  const machine = machineFacts();
  const usableBy = async (mix: Mix, { crowd }: NewServer): Promise<UsableShare> => {
    const target = { session: await crowd(crowdSize), rateMost };
    const { perSecond, sentence } = await takenOf(mix, target, lasting.stepMs);
    const workload = { mix, ...nobodyListens };
    const share = fullestShare(costs, workload, thisMachine(machine.cores), perSecond);
    return { share, perSecond: Math.round(perSecond), mix, sentence };
  };
  const usableApart = {
    commands: await onNewServer('what it takes of commands', (one) => usableBy(commandMix, one)),
    reads: await onNewServer('what it takes of reads', (one) => usableBy(readMix, one)),
  };
  return onNewServer('what it takes of the usual mix', async (server) => {
    const { probe } = server;
    const [startBytes, stateBytes] = [probe.residentBytes(), await probe.stateBytes()];
    const usable = await usableBy(referenceMix, server);
    const teamBytes = ((await probe.stateBytes()) - stateBytes) / players;
    return {
      ...{ format: calibrationFormat, at: new Date().toISOString(), release: manifest.version },
      ...{ seconds: Math.round(passed()), othersShare: others.share(), machine },
      ...{ ...costs, memory: { startBytes, teamBytes }, usable, usableApart },
    };
  });
}

function machineFacts(): Calibration['machine'] {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    ...{ cores: availableParallelism(), memoryBytes: totalmem() },
    system: `${process.platform} ${systemRelease()}, Node ${process.version}`,
  };
}

/** A server with one partition, and who sends beside it. */
export function thisMachine(cores: number): CapacityMachine {
  return { cores, foldThreads: 1, hasGenerator: true, isSustained: false };
}
