import { drawClusterPlan } from '../cluster/cluster-plan.ts';
import { type ClusterResult, ClusterWorld } from '../cluster/cluster-world.ts';
import type { Trace } from '../trace.ts';
import { accountsApplication } from './accounts-application.ts';
import { accountsModel } from './accounts-model.ts';
import { AccountsWorkload } from './accounts-workload.ts';

/** Runs the cluster of one seed with the accounts application. Throws `SimulationFailure`. */
export function runAccountsCluster(seed: number, trace: Trace): ClusterResult {
  return new ClusterWorld({
    plan: drawClusterPlan(seed),
    application: accountsApplication,
    makeWorkload: (made) => new AccountsWorkload(made),
    checkers: [accountsModel()],
    trace,
  }).run();
}
