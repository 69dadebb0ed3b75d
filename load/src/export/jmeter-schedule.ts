import type { ExportedLoad } from './exported-load.ts';

/**
 * JMeter sends whole arrivals in each stretch and forgets the rest: a rate that brings 3.7 brings 3. Each is
 * given a little more than a whole number, which the digits of a rate do not take away.
 */
const margin = 0.1;

/**
 * The schedule of an open model group that sends `share` of the load: in each stretch a whole number of
 * arrivals, their sum never more than one away from what is due. `phase`, 0 to 1, says how much of an arrival
 * is due at the start; groups with different ones do not round at the same time.
 */
export function jmeterSchedule(load: ExportedLoad, share: number, phase: number): string {
  // The time before was spent on joining. An answer that is on its way at the end would be cut off.
  const steps = [`pause(${joiningTook} ms)`];
  let [due, sent, before] = [phase, 0, load.startPerSecond];
  for (const { seconds, perSecond } of load.stages) {
    if (seconds > 0) {
      const expected = ((before + perSecond) / 2) * seconds * share;
      due += expected;
      const arrivals = Math.floor(due) - sent;
      sent += arrivals;
      const scale = arrivals === 0 ? 0 : (share * (arrivals + margin)) / expected;
      steps.push(
        `rate(${digits(before * scale)}/s)`,
        `random_arrivals(${Math.round(seconds * 1_000)} ms)`,
        `rate(${digits(perSecond * scale)}/s)`,
      );
    }
    before = perSecond;
  }
  return [...steps, `pause(${Math.round(load.timeoutSeconds * 1_000)} ms)`].join(' ');
}

/** In milliseconds; the plan keeps it when the last player has joined. */
const joiningTook = `\${__P(load.joining,1)}`;
const digits = (perSecond: number) => Number(perSecond.toFixed(6));
