import { setTimeout as pause } from 'node:timers/promises';
import {
  type Mix,
  quartilesOf,
  type RequestCost,
  type RequestKind,
  sizingErrors,
} from '@hunt/engine/sizing';
import type { LoadSession, SteadyResult } from '@hunt/load';
import { searchCapacity } from './capacity-search.ts';
import type { ServerProbe } from './server-probe.ts';
import { since, type ThreadSeconds } from './thread-seconds.ts';

/** How long each part of a measurement takes. */
export interface MeasureTimes {
  readonly stepMs: number;
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
/** Of what it takes: there it would now and then not follow. */
const measuredShare = 0.9;
/** Every search begins there: much is sent before anything counts, so that what runs for the first time does not. */
const firstRate = 2_000;
const settledMost = 2_000;
const settleLookMs = 100;
/** Threads show their numbers once a second. */
const shownEveryMs = 1_100;
const reads: ReadonlySet<RequestKind> = new Set(['standings', 'progress']);

/** Sends a steady load and looks at what server and generator used for it. */
export async function useUp(
  session: Pick<LoadSession, 'run'>,
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
  /** No rate above it is tried. */
  readonly rateMost: number;
}

/** What a server takes of a mix a second. Throws sizing-calibration-failed when that is nothing. */
export async function takenOf(
  mix: Mix,
  { session, rateMost }: Omit<Measured, 'probe'>,
  stepMs: number,
): Promise<{ readonly perSecond: number; readonly sentence: string }> {
  const search = { mix, stepMs, from: firstRate, most: rateMost };
  const { perSecond, sentence } = await searchCapacity(session, search);
  if (perSecond !== null) return { perSecond, sentence };
  throw sizingErrors.create('sizing-calibration-failed', {
    ...{ kind: Object.keys(mix).join(', '), reason: sentence.replace(/\.$/, '') },
  });
}

/** What one request costs a little below what the server takes of its kind. Throws sizing-calibration-failed. */
export async function measureRequest(
  kind: RequestKind,
  target: Measured,
  times: MeasureTimes,
): Promise<RequestCost> {
  const { session, probe } = target;
  const mix = { [kind]: 1 };
  const { perSecond } = await takenOf(mix, target, times.stepMs);
  // What it left for later is not to be in the bytes, nor what the archive has yet to do.
  await settled(probe);
  const [bytesBefore, archiveBefore] = [await probe.loggedBytes(), probe.threads()];
  let sent = 0;
  const measured: UsedUp[] = [];
  for (let slice = 0; slice < slices; slice++) {
    const rate = perSecond * measuredShare;
    const load = { mix, perSecond: rate, forMs: times.sliceMs, seed: slice + 1 };
    const used = await useUp(session, probe, load);
    measured.push(used);
    sent += used.result.offered;
  }
  if (!reads.has(kind)) await settled(probe);
  const each = (amount: number) => amount / Math.max(1, sent);
  const archive = each(since(archiveBefore, probe.threads()).archive) * 1e6;
  const microseconds = (part: (used: UsedUp) => number) =>
    quartilesOf(measured.map((used) => (part(used) / Math.max(1, used.result.offered)) * 1e6));
  return {
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
}

/** Until the archive has done what is left, or does not come to an end; and what the process shows is of now. */
async function settled(probe: Pick<ServerProbe, 'threads'>): Promise<void> {
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
