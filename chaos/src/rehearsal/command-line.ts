import { parseArgs } from 'node:util';
import { numberOf } from '../number-flag.ts';

export interface RehearsalFlags {
  readonly minutes: number;
  readonly seed: number;
  readonly peak: number;
  readonly quicken: number;
  readonly by: 'metrics' | 'advice';
  readonly json: boolean;
  readonly help: boolean;
}

const minutesMost = 24 * 60;

export const help = `npm run rehearse -- [--minutes N] [--peak N] [--quicken N] [--by WHAT] [--seed N] [--json]

Starts a cluster of real servers and processes on this machine, lets a crowd come and go, and starts and
stops nodes as the chart's autoscalers would: by the same metrics, targets and limits. Then it proves that
nothing acknowledged was lost, repeated or granted beyond the stock, and says what was refused.

  --minutes N    how long the crowd comes, 1 to ${minutesMost}; 4 unless told
  --peak N       teams that come in a second when most do, 0.5 to 50; 3 unless told
  --quicken N    the autoscalers wait so many times less than the chart says, 1 to 20; 6 unless told
  --by WHAT      what decides: metrics, as the chart's autoscalers do, unless told; or advice, which is what
                 hunt cluster scale says. Advice takes nothing away before five minutes, and is not
                 quickened: give it 25 minutes
  --seed N       the same crowd; drawn and printed unless told
  --json         one JSON object at the end

Exits with 1 when anything is found or was refused, or when nothing was scaled up or down; with 2 for flags that make no sense.`;

/** Throws an error that says which flag is wrong, and what it takes. */
export function parse(argv: readonly string[], drawSeed: () => number): RehearsalFlags {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      minutes: { type: 'string' },
      peak: { type: 'string' },
      quicken: { type: 'string' },
      by: { type: 'string' },
      seed: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  return {
    minutes: numberOf('minutes', values.minutes, 4, 1, minutesMost),
    peak: numberOf('peak', values.peak, 3, 0.5, 50),
    quicken: numberOf('quicken', values.quicken, 6, 1, 20),
    by: byOf(values.by),
    seed: Math.floor(numberOf('seed', values.seed, drawSeed(), 0, Number.MAX_SAFE_INTEGER)),
    json: values.json ?? false,
    help: values.help ?? false,
  };
}

function byOf(by = 'metrics'): RehearsalFlags['by'] {
  if (by === 'metrics' || by === 'advice') return by;
  throw new Error(`--by is metrics or advice, not ${by}`);
}
