export {
  type Calibration,
  calibrationFormat,
  calibrationFrom,
  type LiveCost,
  type Quartiles,
  quartilesOf,
  type RequestCost,
  type RequestKind,
  requestKinds,
  type UsableShare,
} from './calibration.ts';
export {
  type Capacity,
  type CapacityMachine,
  capacityOf,
  fullestShare,
  type Mix,
  sharesOf,
  type Workload,
} from './capacity.ts';
export { type DeploymentSize, deploymentSize, type SizedRole } from './deployment-size.ts';
export { sizingErrors } from './errors.ts';
export { bytes, type Reason, shown } from './reasoning.ts';
export type { Budget, SizeRequest } from './size-request.ts';
export { settingsYaml } from './sized-settings.ts';
