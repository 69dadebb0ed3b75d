export { type CrowdOptions, crowdTrace } from './bench/crowd-trace.ts';
export { runCalibration } from './calibrate/calibration-run.ts';
export { comparedCapacity } from './calibrate/compared-capacity.ts';
export { nodeEnvironment, nodeFlags } from './server-process/node-start.ts';
