export {
  type ControlPlaneCost,
  type ControlPlaneCostOptions,
  controlPlaneCost,
} from '../coordination/control-plane-cost.ts';
export {
  openSimulatedConfigSource,
  openSimulatedCoordinator,
  type SimulatedCoordinationOptions,
} from '../coordination/simulated/simulated-coordination.ts';
export {
  type CutDirection,
  SimulatedTreeService,
  type TreeFaults,
} from '../coordination/simulated/simulated-tree-service.ts';
export {
  calmLog,
  type LogLink,
  type SharedLogFaults,
  SimulatedLogCluster,
} from '../log/simulated/simulated-log-cluster.ts';
export { SimulatedLogMarks } from '../log/simulated/simulated-log-marks.ts';
export type { SimulatedSharedLogOptions } from '../log/simulated/simulated-shared-log.ts';
export { accountsApplication } from './accounts/accounts-application.ts';
export { accountsModel } from './accounts/accounts-model.ts';
export {
  type DrawnCommand,
  DrawnIds,
  drawCommand,
  writeDrawnCommand,
} from './accounts/drawn-command.ts';
export { runAccountsCluster } from './accounts/run-accounts-cluster.ts';
export { runAccountsWorld } from './accounts/run-accounts-world.ts';
export type { Checker, Workload } from './checker.ts';
export { type ClusterPlan, drawClusterPlan } from './cluster/cluster-plan.ts';
export { type ClusterResult, ClusterWorld } from './cluster/cluster-world.ts';
export { type EffectiveCommand, EffectiveCommands } from './effective-commands.ts';
export { EventQueue } from './event-queue.ts';
export { drawFaultPlan, type FaultPlan } from './fault-plan.ts';
export { SeededRandom } from './seeded-random.ts';
export { SimulatedClock, simulatedEpoch } from './simulated-clock.ts';
export type { SimulatedNode } from './simulated-node.ts';
export { SimulatedWorld, type WorldResult } from './simulated-world.ts';
export { SimulationFailure } from './simulation-failure.ts';
export { Trace } from './trace.ts';
