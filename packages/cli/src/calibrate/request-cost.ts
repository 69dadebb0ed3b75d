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
const probesMost = 8;
/** Between the highest that is followed and the lowest that is not. */
const nearEnough = 1.2;
const growth = 1.5;
/** Where the machine has hardly begun. */
const [growthMost, easyShare] = [3, 0.3];
/** Of the highest rate: there it would now and then not follow. */
const measuredShare = 0.95;
const followsLeast = 0.98;
const laterMost = 1.15;
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
  /** What 99 of 100 answers may take for a rate to count as followed. */
  readonly p99Ms: number;
}

/**
 * The highest rate of a mix that is followed, about: raised until it is not, then between the two. A busy
 * thread says nothing of it, since the more comes the more is done at once. Throws sizing-calibration-failed
 * when not even a low rate is decided.
 */
export async function highestRate(
  mix: Mix,
  { session, probe, p99Ms }: Measured,
  forMs: number,
  startRate: number,
): Promise<{ readonly perSecond: number; readonly sent: number }> {
  let [low, high, sent] = [0, Number.POSITIVE_INFINITY, 0];
  let rate = Math.max(rateLeast, startRate);
  for (let probes = 1; probes <= probesMost && high / low > nearEnough; probes++) {
    const used = await useUp(session, probe, { mix, perSecond: rate, forMs, seed: probes });
    const { offered, decided, failures, seconds, p99Ms: found } = used.result;
    sent += offered;
    if (decided === 0 && offered > 0 && rate <= rateLeast) {
      const reasons = Object.entries(failures).map(([id, count]) => `${id} ${count}`);
      throw sizingErrors.create('sizing-calibration-failed', {
        ...{ kind: Object.keys(mix).join(', '), decided, offered, failures: reasons.join(', ') },
      });
    }
    // What is answered late only because too much came shows in how long it took.
    const isInTime = seconds * 1_000 <= forMs * laterMost && found <= p99Ms;
    if (decided >= offered * followsLeast && isInTime) {
      low = Math.max(low, rate);
      if (rate >= rateMost) break;
    } else high = Math.min(high, rate);
    // One bad moment was no knee.
    if (low >= high) high = Number.POSITIVE_INFINITY;
    if (low === 0) rate = Math.max(rateLeast, rate / 2);
    else if (high < Number.POSITIVE_INFINITY) rate = Math.sqrt(low * high);
    else rate = Math.min(rateMost, rate * (busyShare(used) < easyShare ? growthMost : growth));
  }
  return { perSecond: Math.max(rateLeast, low), sent };
}

/** What one request costs at the highest rate of its kind. Throws sizing-calibration-failed. */
export async function measureRequest(
  kind: RequestKind,
  target: Measured,
  times: MeasureTimes,
  startRate: number,
): Promise<{ readonly cost: RequestCost; readonly sent: number }> {
  const { session, probe } = target;
  const mix = { [kind]: 1 };
  const [bytesBefore, archiveBefore] = [await probe.loggedBytes(), probe.threads()];
  const highest = await highestRate(mix, target, times.probeMs, startRate);
  const perSecond = highest.perSecond * measuredShare;
  let { sent } = highest;
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

/** How full the fullest is of: all cores, the main thread, the folding thread, the thread that sends. */
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
