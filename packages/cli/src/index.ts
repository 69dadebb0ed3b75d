export { type CrowdOptions, crowdTrace } from './bench/crowd-trace.ts';
