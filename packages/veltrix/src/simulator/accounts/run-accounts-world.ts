import { drawFaultPlan } from '../fault-plan.ts';
import { SeededRandom } from '../seeded-random.ts';
import { SimulatedWorld, type WorldResult } from '../simulated-world.ts';
import type { Trace } from '../trace.ts';
import { accountsApplication } from './accounts-application.ts';
import { accountsModel } from './accounts-model.ts';
import { AccountsWorkload } from './accounts-workload.ts';

/** In some worlds tables are so small that messages and timers often find no room. */
function drawTableRows(seed: number): { readonly tableMaxRows?: number } {
  const random = new SeededRandom(seed, 11);
  return random.chance(0.4) ? { tableMaxRows: random.pick([4, 8, 12]) } : {};
}

/** Runs the world of one seed with the accounts application. Rejects with `SimulationFailure`. */
export function runAccountsWorld(seed: number, trace: Trace): Promise<WorldResult> {
  return new SimulatedWorld({
    plan: { ...drawFaultPlan(seed), ...drawTableRows(seed) },
    application: accountsApplication,
    makeWorkload: (made) => new AccountsWorkload(made),
    checkers: [accountsModel()],
    trace,
  }).run();
}
