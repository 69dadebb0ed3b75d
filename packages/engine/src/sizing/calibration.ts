import { sizingErrors } from './errors.ts';

/** What players ask for, by the names that scenarios of "hunt load" have for it. */
export const requestKinds = [
  ...(['answer-right', 'answer-wrong', 'scan', 'check-in', 'hint', 'claim'] as const),
  ...(['join', 'standings', 'progress'] as const),
] as const;
export type RequestKind = (typeof requestKinds)[number];

/** Of what was measured several times. */
export interface Quartiles {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/** What one request costs, in microseconds of processor time of each kind of thread. */
export interface RequestCost {
  /** Answered of this kind alone a second while more was offered; costs were measured a little below. */
  readonly perSecond: number;
  readonly main: Quartiles;
  readonly fold: Quartiles;
  readonly archive: Quartiles;
  /** Threads of Node itself: collections of garbage, file writes. */
  readonly helpers: Quartiles;
  /** Of whoever sends: counts where that is the same machine. */
  readonly generator: Quartiles;
  /** The part of it on its one sending thread. */
  readonly generatorThread: Quartiles;
  /** Bytes that are made durable for one. */
  readonly logBytes: number;
}

/** What one event on one live connection costs, in microseconds of processor time. */
export interface LiveCost {
  readonly main: Quartiles;
  readonly helpers: Quartiles;
  readonly generator: Quartiles;
  /** Resident memory of one connection. */
  readonly connectionBytes: number;
}

/** The machine that was measured. */
interface MachineFacts {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  /** System and release of Node. */
  readonly system: string;
}

/** How much of the cores and threads was used while more was offered than the server takes. */
export interface UsableShare {
  /** 0 to 1: the fullest resource, by the costs, at the rate below. */
  readonly share: number;
  /** Answered of the reference mix a second meanwhile. */
  readonly perSecond: number;
  readonly mix: Readonly<Partial<Record<RequestKind, number>>>;
  readonly sentence: string;
}

/** Changes with every change that makes earlier files mean something else. */
export const calibrationFormat = 'hunt-calibration-3';

/** The costs of one machine: what `hunt calibrate` writes. */
export interface Calibration {
  readonly format: typeof calibrationFormat;
  /** RFC 3339. */
  readonly at: string;
  readonly release: string;
  /** How long it took. */
  readonly seconds: number;
  /** Of all cores, what other programs used meanwhile, 0 to 1: near 0, or the costs are theirs, too. */
  readonly othersShare: number;
  readonly machine: MachineFacts;
  readonly requests: Readonly<Partial<Record<RequestKind, RequestCost>>>;
  readonly live: LiveCost;
  readonly memory: {
    /** Resident, before anybody has joined. */
    readonly startBytes: number;
    /** State of one team and its player in the fold. */
    readonly teamBytes: number;
  };
  /** Of a crowd that sends commands and reads. */
  readonly usable: UsableShare;
  /** Of crowds that send only the one or the other: both together turn the same loop for each other. */
  readonly usableApart: Readonly<Record<'commands' | 'reads', UsableShare>>;
}

/** Linear between the neighbours. `values` is not empty. */
export function quartilesOf(values: readonly number[]): Quartiles {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (share: number) => {
    const place = share * (sorted.length - 1);
    const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
    return low + (high - low) * (place - Math.floor(place));
  };
  return { low: at(0.25), median: at(0.5), high: at(0.75) };
}

/** Reads what `hunt calibrate` wrote. Throws sizing-calibration-unreadable. */
export function calibrationFrom(text: string, file: string): Calibration {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw unreadable(file, (error as Error).message);
  }
  const found = (value ?? {}) as Partial<Calibration>;
  if (found.format !== calibrationFormat) {
    throw unreadable(
      file,
      `its format is ${JSON.stringify(found.format)}, not ${calibrationFormat}`,
    );
  }
  const problem = problemOf(found);
  if (problem !== undefined) throw unreadable(file, problem);
  return found as Calibration;
}

const costParts = ['main', 'fold', 'archive', 'helpers', 'generator', 'generatorThread'] as const;
const liveParts = ['main', 'helpers', 'generator'] as const;

/** What keeps a size from being computed; a number that is missing would make every sum NaN. */
function problemOf(found: Partial<Calibration>) {
  const { machine, memory, usable, usableApart, live, requests } = found;
  const shares = [usable?.share, usableApart?.commands?.share, usableApart?.reads?.share];
  const numbers: Record<string, unknown> = {
    ...{ 'machine.cores': machine?.cores, 'machine.memoryBytes': machine?.memoryBytes },
    ...{ 'memory.startBytes': memory?.startBytes, 'memory.teamBytes': memory?.teamBytes },
    ...{ 'usable.share': shares[0], 'usableApart.commands.share': shares[1] },
    'usableApart.reads.share': shares[2],
    'live.connectionBytes': live?.connectionBytes,
    ...Object.fromEntries(liveParts.map((part) => [`live.${part}.median`, live?.[part]?.median])),
  };
  for (const [kind, cost] of Object.entries(requests ?? {})) {
    numbers[`requests.${kind}.logBytes`] = cost?.logBytes;
    // A rate of 0 would make a cost without end.
    numbers[`requests.${kind}.perSecond`] = cost?.perSecond || undefined;
    for (const part of costParts) {
      numbers[`requests.${kind}.${part}.median`] = cost?.[part]?.median;
    }
  }
  const wrong = Object.entries(numbers).find(
    ([, number]) => typeof number !== 'number' || !Number.isFinite(number) || number < 0,
  );
  if (wrong !== undefined) return `${wrong[0]} is ${JSON.stringify(wrong[1])}`;
  if (!shares.every((share) => share! > 0) || !(machine!.cores >= 1))
    return 'it says that nothing can be used';
  return Object.keys(requests ?? {}).length === 0 ? 'it has no costs' : undefined;
}

function unreadable(file: string, reason: string): Error {
  return sizingErrors.create('sizing-calibration-unreadable', { file, reason });
}
