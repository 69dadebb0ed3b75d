import { drawFaultPlan } from '../fault-plan.ts';
import { SimulatedWorld, type WorldResult } from '../simulated-world.ts';
import type { Trace } from '../trace.ts';
import { accountsApplication } from './accounts-application.ts';
import { accountsModel } from './accounts-model.ts';
import { AccountsWorkload } from './accounts-workload.ts';

/** Runs the world of one seed with the accounts application. Throws `SimulationFailure`. */
export function runAccountsWorld(seed: number, trace: Trace): WorldResult {
  return new SimulatedWorld({
    plan: drawFaultPlan(seed),
    application: accountsApplication,
    makeWorkload: (made) => new AccountsWorkload(made),
    checkers: [accountsModel()],
    trace,
  }).run();
}
