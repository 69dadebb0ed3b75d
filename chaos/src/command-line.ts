import { parseArgs } from 'node:util';
import { type FaultKindName, faultNames } from './faults/fault-plan.ts';
import { numberOf } from './number-flag.ts';

export interface ChaosFlags {
  readonly minutes: number;
  readonly seed: number;
  readonly players: number;
  readonly faults: readonly FaultKindName[];
  readonly trace: string | undefined;
  readonly keep: string | undefined;
  readonly json: boolean;
  readonly help: boolean;
}

const minutesMost = 24 * 60;
const playersMost = 500;

export const help = `npm run chaos -- [--minutes N] [--seed N] [--faults LIST] [--json]

Starts a cluster of real servers and processes on this machine, lets a crowd play and a contest run,
breaks one thing after the other, and proves that nothing acknowledged was lost, repeated or granted
beyond the stock.

  --minutes N    how long things break, 0.1 to ${minutesMost}; 2 unless told
  --seed N       the same faults in the same order; drawn and printed unless told
  --faults LIST  only these kinds, with commas
  --players N    how many play at the same time; 24 unless told
  --trace FILE   a recorded contest in place of one that is made up: CSV seconds,team,problem,verdict
  --keep DIR     copies what the nodes said there when something is found
  --json         one JSON object at the end

Faults: ${faultNames.join(', ')}

Exits with 1 when anything is found; with 2 for flags that make no sense.`;

/** Throws an error that says which flag is wrong, and what it takes. */
export function parse(argv: readonly string[], drawSeed: () => number): ChaosFlags {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      minutes: { type: 'string' },
      seed: { type: 'string' },
      players: { type: 'string' },
      faults: { type: 'string' },
      trace: { type: 'string' },
      keep: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  return {
    minutes: numberOf('minutes', values.minutes, 2, 0.1, minutesMost),
    seed: Math.floor(numberOf('seed', values.seed, drawSeed(), 0, Number.MAX_SAFE_INTEGER)),
    players: Math.floor(numberOf('players', values.players, 24, 1, playersMost)),
    faults: kinds(values.faults),
    trace: values.trace,
    keep: values.keep,
    json: values.json ?? false,
    help: values.help ?? false,
  };
}

function kinds(text: string | undefined): readonly FaultKindName[] {
  if (text === undefined) return faultNames;
  return text.split(',').map((word) => {
    const kind = faultNames.find((name) => name === word.trim());
    if (kind !== undefined) return kind;
    throw new Error(`there is no fault "${word}"; there are ${faultNames.join(', ')}`);
  });
}
