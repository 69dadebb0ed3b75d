import type { RequestKind } from '@hunt/engine/sizing';
import { type LoadHuntSteps, loadHuntYaml } from '@hunt/load';
import { compileHunt } from '@hunt/rules/definition';
import type { LoadHunt } from '../load/load-hunt.ts';

/**
 * What a crowd would have done within a second or two, so that it would repeat itself from then on, there is more of:
 * of the same number of steps in all, so that nothing else gets dearer.
 */
const stepsFor: Partial<Record<RequestKind, Partial<LoadHuntSteps>>> = {
  scan: { riddles: 4, posters: 24 },
  'check-in': { riddles: 4, places: 24 },
  // All are open, and each has a hint.
  hint: { chain: 1 },
};

/** The hunt of calibrations: something of everything. With a kind, enough of what that asks for. */
export function calibrationHunt(kind?: RequestKind): LoadHunt {
  const source = loadHuntYaml(kind && stepsFor[kind]);
  const { hunt } = compileHunt(source, 'a hunt made for calibration');
  return { source, definition: hunt!, trace: undefined };
}
