import { duration } from '../amounts.ts';
import { type Cause, confidence } from '../cause.ts';

/** As `clockSkewMaxMs` of the cluster file has it unless it is set. */
const skewMaxSeconds = 2;

/** Clocks that are not together. */
export const clockCauses: readonly Cause[] = [
  {
    id: 'clock-skew',
    title: 'Clocks are not together',
    looksLike:
      'The clock of a process is 2 s or more from the middle of all, our own among them, beyond what reading it may be wrong by.',
    helps: 'NTP on every machine.',
    effect: 'misleads',
    needs: ['hunt_process_clock_seconds'],
    explains: [],
    page: 'docs/doctor.md',
    *judge({ processes }) {
      const clocks = processes.flatMap((process) => {
        const { clock } = process;
        return clock === undefined ? [] : [{ process, ...clock }];
      });
      // Of two nobody knows which is right: then ours is the measure.
      const middle = clocks.length < 2 ? 0 : median([0, ...clocks.map((one) => one.aheadSeconds)]);
      for (const { process, aheadSeconds, uncertainSeconds } of clocks) {
        const ahead = aheadSeconds - middle;
        const sure = confidence(
          Math.abs(ahead) - uncertainSeconds,
          skewMaxSeconds,
          5 * skewMaxSeconds,
        );
        if (sure === undefined) continue;
        const way = ahead > 0 ? 'ahead of' : 'behind';
        yield {
          ...{ confidence: sure, process, where: process.name },
          evidence: [
            {
              metric: 'hunt_process_clock_seconds',
              says: `its clock is ${duration(Math.abs(ahead))} ${way} ${clocks.length < 2 ? 'the one here' : 'most others'}, within ${duration(uncertainSeconds)}`,
            },
          ],
          helps: `Have NTP set the clock${clocks.length < 2 ? `s of ${process.name} and of this machine: one of them is wrong` : ` of ${process.name}`}. Until then hunts open and close at other times for its players.`,
          settings: [],
        };
      }
    },
  },
];

/** The lower of the two in the middle. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) / 2)]!;
}
