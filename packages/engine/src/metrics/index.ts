export { engineMetrics } from './engine-metrics.ts';
export { queues } from './queue-metrics.ts';
