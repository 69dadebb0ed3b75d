import type { SettingName } from '../../engine-settings.ts';
import { type PressureKind, pressureKinds } from '../../gateway/brownout-watch.ts';
import { percent, rounded } from '../amounts.ts';
import type { Cause, Evidence, Suspicion } from '../cause.ts';
import type { ProcessFacts } from '../process-facts.ts';

interface Shortage {
  /** Of what, as a clause after "the pressure is so much,". */
  readonly says: string;
  readonly helps: string;
  /** By which it is measured, if by one that is set. */
  readonly setting?: SettingName;
}

const shortages: Readonly<Record<PressureKind, Shortage>> = {
  'loop-delay': {
    says: 'by how late the main thread turns',
    helps:
      'The main thread is late: add a process with the role gateway, or give this one a core of its own.',
    setting: 'gateway.brownoutDelayMs',
  },
  'command-age': {
    says: 'by how long the oldest command waits',
    helps:
      'Commands wait for their decision: more cores or nodes with the role processor, or a faster disk or broker for the log.',
    setting: 'gateway.brownoutAgeMs',
  },
  refusals: {
    says: 'by the share of commands that are turned away',
    helps: 'More comes than is decided: add capacity where the other findings say it is short.',
  },
};

const leftOut = [
  'nothing is left out',
  'standings are pushed less often',
  'standings are pushed and read less often',
  'standings are pushed and read less often, and reads are turned away',
] as const;

/** Above it the level does not fall; at 1 it rises. */
const pressed = 0.5;

/** What gives way by itself, and for want of what. */
export const brownout: Cause = {
  id: 'brownout',
  title: 'The gateway leaves something out, so that commands go on',
  looksLike:
    'The brown-out level of a gateway is above 0: from 1 standings are pushed less often, from 2 they are older, at 3 some reads are refused.',
  helps:
    'More of what is short: hunt_gateway_brownout_pressure_ratio says which. Where gateway.brownoutLeast holds the level, lower it.',
  effect: 'ages',
  needs: ['hunt_gateway_brownout_state'],
  explains: [],
  page: 'docs/runbooks/browned-out.md',
  *judge({ processes }) {
    for (const process of processes) yield* brownedOut(process);
  },
};

function* brownedOut(process: ProcessFacts): Iterable<Suspicion> {
  const level = process.most('hunt_gateway_brownout_state') ?? 0;
  if (level === 0) return;
  const least = process.most('hunt_gateway_brownout_least_state') ?? 0;
  const short = pressureKinds
    .map((of) => ({ of, pressure: most(process, of) }))
    .filter(({ pressure }) => pressure > pressed)
    .sort((one, other) => other.pressure - one.pressure);
  const refused = process.rate('hunt_gateway_read_requests_total', { result: 'browned-out' });
  const evidence: Evidence[] = [
    { metric: 'hunt_gateway_brownout_state', says: `level ${level} of 3: ${leftOut[level]}` },
    ...short.map(({ of, pressure }) => ({
      metric: 'hunt_gateway_brownout_pressure_ratio' as const,
      says: `the pressure is ${rounded(pressure)} ${shortages[of].says}; 1 is as much as can be borne`,
    })),
  ];
  if (level <= least) {
    const says = `gateway.brownoutLeast holds level ${least}, whatever the pressure`;
    evidence.push({ metric: 'hunt_gateway_brownout_least_state', says });
  }
  if (refused > 0) {
    const says = `${rounded(refused)} reads a second are turned away for it`;
    evidence.push({ metric: 'hunt_gateway_read_requests_total', says });
  }
  evidence.push(...servedReads(process));
  yield {
    // At each level it is felt, and the more the higher it is.
    ...{ confidence: 0.25 + level / 4, process, where: process.name },
    ...canFollowFrom(
      short.map(({ of }) => of),
      level <= least,
    ),
    ...(level === 3 && { effect: 'refuses' as const }),
    evidence,
    ...whatHelps(
      short.map(({ of }) => shortages[of]),
      level <= least,
    ),
  };
}

/** Of which part of the reads brown-out has room, where not of all. */
export function servedReads(process: ProcessFacts): Evidence[] {
  const served = process.least('hunt_gateway_brownout_served_ratio') ?? 1;
  if (served >= 1) return [];
  const says = `of the reads that come, brown-out lets ${percent(served)} through`;
  return [{ metric: 'hunt_gateway_brownout_served_ratio', says }];
}

/** What makes commands wait does not make the loop late, and what is held follows from nobody's shortage. */
function canFollowFrom(
  short: readonly PressureKind[],
  isHeld: boolean,
): Pick<Suspicion, 'onlyAfter'> {
  if (short.length === 0) return isHeld ? { onlyAfter: [] } : {};
  const isLoopAlone = short.every((of) => of === 'loop-delay');
  return isLoopAlone ? { onlyAfter: ['gc-pressure', 'gateway-busy', 'cores-busy'] } : {};
}

/** At any look: what is short may be so in one second and not in the next. */
function most(process: ProcessFacts, of: PressureKind): number {
  return process.peak('hunt_gateway_brownout_pressure_ratio', { of }) ?? 0;
}

function whatHelps(
  short: readonly Shortage[],
  isHeld: boolean,
): Pick<Suspicion, 'helps' | 'settings'> {
  const held = isHeld ? ['gateway.brownoutLeast' as const] : [];
  const measured = short.flatMap(({ setting }) => setting ?? []);
  const most: SettingName = 'gateway.brownoutMost';
  const [first] = short;
  if (isHeld && first === undefined) {
    return { helps: 'Lower gateway.brownoutLeast: nothing is short.', settings: held };
  }
  const helps =
    first?.helps ??
    'Nothing is short any more: the level falls by itself, a step after some seconds of calm. Look again while there is load.';
  return {
    helps: `${helps} To keep reads up at the cost of commands, lower gateway.brownoutMost.`,
    settings: [...held, ...measured, most],
  };
}
