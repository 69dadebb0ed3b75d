import {
  type Calibration,
  calibrationFormat,
  type RequestCost,
  type RequestKind,
  requestKinds,
} from '../calibration.ts';
import type { SizeRequest } from '../size-request.ts';

const exactly = (median: number) => ({ low: median, median, high: median });

/** Microseconds by thread; round numbers, so that sums can be done by hand. */
export function madeCost(changes: Partial<Record<'main' | 'fold' | 'generator', number>> = {}) {
  const { main = 50, fold = 10, generator = 40 } = changes;
  const cost: RequestCost = {
    ...{ perSecond: 25_000, main: exactly(main), fold: exactly(fold), archive: exactly(10) },
    ...{ helpers: exactly(20), generator: exactly(generator) },
    ...{ generatorThread: exactly(generator), logBytes: 200 },
  };
  return cost;
}

/** Of a machine with two cores that can be used to eight tenths. */
export function madeCalibration(
  changes: Partial<Record<RequestKind, RequestCost>> = {},
): Calibration {
  const requests = Object.fromEntries(requestKinds.map((kind) => [kind, madeCost()]));
  return {
    ...{ format: calibrationFormat, at: '2026-11-21T10:00:00.000Z', release: '0.1.0', seconds: 60 },
    othersShare: 0,
    machine: { cpu: 'Made', cores: 2, memoryBytes: 8 * 2 ** 30, system: 'made' },
    requests: { ...requests, ...changes },
    live: {
      ...{ main: exactly(4), helpers: exactly(1), generator: exactly(5), connectionBytes: 20_000 },
    },
    memory: { startBytes: 150e6, teamBytes: 500 },
    usable: { share: 0.8, perSecond: 10_000, mix: { 'answer-wrong': 1 }, sentence: 'made' },
    usableApart: {
      commands: { share: 0.8, perSecond: 10_000, mix: { 'answer-wrong': 1 }, sentence: 'made' },
      reads: { share: 0.8, perSecond: 10_000, mix: { 'answer-wrong': 1 }, sentence: 'made' },
    },
  };
}

/** A crowd that one process takes. */
export function madeRequest(changes: Partial<SizeRequest> = {}): SizeRequest {
  return {
    ...{ players: 10_000, teamSize: 4, peak: 5_000, mix: { 'answer-wrong': 1 }, live: 0 },
    ...{ hours: 10, arrivals: 1_000_000, headroom: 0.2, isRedundant: false, budget: {} },
    ...changes,
  };
}
