import type { LoadRecord } from './load-record.ts';

/** Why what a run measured is the generator's and not the server's. */
export interface SaturationReason {
  readonly id: 'late' | 'stalled' | 'busy' | 'not-sent';
  /** With its numbers. */
  readonly message: string;
  readonly remedy: string;
}

/** Nothing is measured well by a thread that has no time left. */
const busyMost = 0.9;
/** Of the judged seconds; a single busy second is a collection or somebody else. */
const busySlicesMost = 0.1;

/**
 * Whether the generator kept up: that it sent on time, was awake when answers came, and had processor
 * time to spare. Latencies of a run with a reason here say nothing about the server.
 */
export function saturationOf(record: LoadRecord, latenessMs: number): SaturationReason[] {
  const reasons: SaturationReason[] = [];
  const late = record.lateness.quantile(0.99);
  if (late > latenessMs) {
    reasons.push({
      id: 'late',
      message: `1 of 100 arrivals was sent more than ${shown(late)} ms after it was due; ${latenessMs} ms are allowed`,
      remedy: 'Send from another machine, or from more threads (generator.threads).',
    });
  }
  const stall = record.stalls.quantile(0.99);
  if (stall > latenessMs) {
    reasons.push({
      id: 'stalled',
      message: `its threads stood still for ${shown(stall)} ms and more in a hundredth of the time, in which answers were not read`,
      remedy: starvationOf(record),
    });
  }
  const slices = record.slices.filter(({ busy }) => busy > 0);
  const busy = slices.filter((slice) => slice.busy > busyMost).length;
  if (slices.length > 0 && busy / slices.length > busySlicesMost) {
    reasons.push({
      id: 'busy',
      message: `a thread of it worked more than ${busyMost * 100} % of ${busy} of ${slices.length} slices of the run`,
      remedy: 'Use more threads (generator.threads) on a machine that has the cores, or several.',
    });
  }
  const notSent = record.failures['not-sent'] ?? 0;
  if (notSent > 0) {
    reasons.push({
      id: 'not-sent',
      message: `${notSent} arrivals were never sent, since too many waited for a connection already`,
      remedy: 'Raise "connections", or lower "timeout" so that fewer wait.',
    });
  }
  return reasons;
}

function starvationOf({ threads }: LoadRecord): string {
  const starved = Math.max(0, ...threads.map((thread) => thread.starved ?? 0));
  const share = `for ${Math.round(starved * 100)} % of the time the system let others run`;
  return starved > 0.05
    ? `Send from a machine of its own: ${share}.`
    : 'Use more threads (generator.threads), or lower "connections" and "live".';
}

function shown(ms: number): number {
  return Number(ms.toPrecision(3));
}
