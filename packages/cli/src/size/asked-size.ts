import { type Mix, requestKinds, type SizeRequest } from '@hunt/engine/sizing';
import { plannedLoad, type Scenario, scenarioOf } from '@hunt/load';
import { referenceMix } from '../calibrate/capacity-search.ts';
import { readHunt } from '../check/hunt-file.ts';
import { cliErrors } from '../errors.ts';
import { readText } from '../terminal/files.ts';
import { budgetFrom } from './budget.ts';

export interface SizeFlags {
  readonly players: number | undefined;
  readonly peak: number | undefined;
  readonly live: number | undefined;
  readonly hours: number;
  readonly headroom: number;
  readonly redundant: boolean;
  readonly budget: string | undefined;
  readonly scenario: string | undefined;
  readonly hunt: string | undefined;
}

const percent = 100;
const secondsPerHour = 3_600;
/** Of the peak, on average over a hunt, where no scenario tells. */
const averageShare = 0.2;

/**
 * What the flags ask for; what they leave out follows from the scenario and the hunt. Throws
 * cli-flag-missing, cli-file-unreadable, cli-hunt-invalid, load-scenario-invalid, cli-flag-value-invalid.
 */
export function askedSize(flags: SizeFlags): SizeRequest {
  const scenario =
    flags.scenario === undefined ? undefined : scenarioOf(readText(flags.scenario), flags.scenario);
  const planned = scenario && plannedLoad(scenario);
  const hunt = flags.hunt === undefined ? undefined : readHunt(flags.hunt).definition;
  const given = (value: number | undefined, flag: string): number => {
    if (value !== undefined && value > 0) return value;
    throw cliErrors.create('cli-flag-missing', { command: 'size', flag });
  };
  const peak = given(flags.peak ?? planned?.peakPerSecond, '--peak N or --scenario FILE');
  const players = given(flags.players ?? planned?.players, '--players N or --scenario FILE');
  const { hours } = flags;
  return {
    ...{ peak, players, hours, teamSize: hunt?.teamSize ?? 1, mix: mixOf(scenario) },
    live: flags.live ?? planned?.live ?? 0,
    arrivals: peak * averageShare * hours * secondsPerHour,
    ...{ headroom: flags.headroom / percent, isRedundant: flags.redundant },
    budget: flags.budget === undefined ? {} : budgetFrom(flags.budget),
  };
}

/** A trace has no mix of its own: the usual one stands for it. */
function mixOf(scenario: Scenario | undefined): Mix {
  if (scenario === undefined || scenario.trace !== undefined) return referenceMix;
  return Object.fromEntries(requestKinds.map((kind) => [kind, scenario.mix[kind]]));
}
