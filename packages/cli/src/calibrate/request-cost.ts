import { cpus } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import {
  type Mix,
  quartilesOf,
  type RequestCost,
  type RequestKind,
  sizingErrors,
} from '@hunt/engine/sizing';
import type { LoadSession, SteadyResult } from '@hunt/load';
import type { ServerProbe } from './server-probe.ts';
import { since, type ThreadSeconds } from './thread-seconds.ts';

/** How long each part of a measurement takes. */
export interface MeasureTimes {
  readonly probeMs: number;
  readonly sliceMs: number;
}

/** What a steady load used up. */
export interface UsedUp {
  readonly result: SteadyResult;
  readonly server: ThreadSeconds;
  /** Of this whole process, which sends. */
  readonly generatorSeconds: number;
}

const slices = 3;
const probesMost = 4;
/** Costs are measured where it counts, near the knee; beyond it, refusals would be measured. */
const wantedShare = 0.8;
const [enoughShare, tooMuchShare] = [0.6, 0.95];
const followsLeast = 0.95;
/** One step up at most, whatever a slow machine promises at a low rate. */
const growthMost = 6;
const rateLeast = 50;
const rateMost = 100_000;
const settledMost = 2_000;
const settleLookMs = 100;
/** Threads show their numbers once a second. */
const shownEveryMs = 1_100;
const reads: ReadonlySet<RequestKind> = new Set(['standings', 'progress']);

/** Sends a steady load and looks at what server and generator used for it. */
export async function useUp(
  session: Measured['session'],
  probe: Pick<ServerProbe, 'threads'>,
  load: Parameters<LoadSession['run']>[0],
): Promise<UsedUp> {
  const threads = probe.threads();
  const own = process.cpuUsage();
  const result = await session.run(load);
  const { user, system } = process.cpuUsage(own);
  const server = since(threads, probe.threads());
  return { result, server, generatorSeconds: (user + system) / 1e6 };
}

/** Who sends, and what looks at the server. */
export interface Measured {
  readonly session: Pick<LoadSession, 'run'>;
  readonly probe: Pick<ServerProbe, 'threads' | 'loggedBytes'>;
}

/**
 * Raises the rate of a mix until the machine is about as busy as it may be. Throws sizing-calibration-failed
 * when not even a low rate is decided.
 */
export async function busyRate(
  mix: Mix,
  { session, probe }: Measured,
  forMs: number,
  startRate: number,
): Promise<{ readonly perSecond: number; readonly sent: number }> {
  let perSecond = Math.max(rateLeast, startRate);
  let sent = 0;
  for (let probes = 0; probes < probesMost; probes++) {
    const used = await useUp(session, probe, { mix, perSecond, forMs, seed: probes + 1 });
    const { offered, decided, failures } = used.result;
    sent += offered;
    if (decided === 0 && offered > 0 && perSecond <= rateLeast) {
      const reasons = Object.entries(failures).map(([id, count]) => `${id} ${count}`);
      throw sizingErrors.create('sizing-calibration-failed', {
        ...{ kind: Object.keys(mix).join(', '), decided, offered, failures: reasons.join(', ') },
      });
    }
    const share = busyShare(used);
    const follows = decided >= offered * followsLeast;
    if (follows && share >= enoughShare && share <= tooMuchShare) break;
    const factor = follows ? Math.min(growthMost, wantedShare / Math.max(0.05, share)) : 0.5;
    perSecond = Math.min(rateMost, Math.max(rateLeast, perSecond * factor));
  }
  return { perSecond, sent };
}

/** What one request costs where the machine is about as busy as it may be. Throws sizing-calibration-failed. */
export async function measureRequest(
  kind: RequestKind,
  { session, probe }: Measured,
  times: MeasureTimes,
  startRate: number,
): Promise<{ readonly cost: RequestCost; readonly sent: number }> {
  const mix = { [kind]: 1 };
  const [bytesBefore, archiveBefore] = [await probe.loggedBytes(), probe.threads()];
  const busy = await busyRate(mix, { session, probe }, times.probeMs, startRate);
  const { perSecond } = busy;
  let { sent } = busy;
  const measured: UsedUp[] = [];
  for (let slice = 0; slice < slices; slice++) {
    const load = { mix, perSecond, forMs: times.sliceMs, seed: probesMost + 1 + slice };
    const used = await useUp(session, probe, load);
    measured.push(used);
    sent += used.result.offered;
  }
  if (!reads.has(kind)) await settled(probe);
  const each = (amount: number) => amount / Math.max(1, sent);
  const archive = each(since(archiveBefore, probe.threads()).archive) * 1e6;
  const microseconds = (part: (used: UsedUp) => number) =>
    quartilesOf(measured.map((used) => (part(used) / Math.max(1, used.result.offered)) * 1e6));
  const cost: RequestCost = {
    perSecond: Math.round(perSecond),
    main: microseconds(({ server }) => server.main),
    fold: microseconds(({ server }) => server.fold),
    // It may take what it has to do later: counted until it is done with all of them.
    archive: { low: archive, median: archive, high: archive },
    helpers: microseconds(({ server }) => server.helpers),
    generator: microseconds(({ generatorSeconds }) => generatorSeconds),
    generatorThread: microseconds(({ result }) => result.generatorCpuSeconds),
    logBytes: each((await probe.loggedBytes()) - bytesBefore),
  };
  return { cost, sent };
}

/** Of the fullest of: all cores, the main thread, the folding thread, the thread that sends. */
function busyShare({ server, generatorSeconds, result }: UsedUp): number {
  const { main, fold, helpers } = server;
  const { seconds, generatorCpuSeconds } = result;
  const all = main + fold + helpers + generatorSeconds;
  return Math.max(all / cpus().length, main, fold, generatorCpuSeconds) / seconds;
}

/** Until the archive has done what is left, or does not come to an end; and what the process shows is of now. */
export async function settled(probe: Pick<ServerProbe, 'threads'>): Promise<void> {
  await pause(shownEveryMs);
  const until = performance.now() + settledMost;
  let before = probe.threads().archive;
  while (performance.now() < until) {
    await pause(settleLookMs);
    const now = probe.threads().archive;
    if (now - before < 0.002) return;
    before = now;
  }
}
