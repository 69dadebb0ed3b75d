import { declareMetrics, type MetricRegistry } from 'veltrix/telemetry';
import { archiveMetrics } from '../archive/archive-metrics.ts';
import { gatewayMetrics } from '../gateway/gateway-metrics.ts';
import { huntMetrics } from '../gateway/hunt-metrics.ts';
import { kneeMetrics } from '../gateway/knee-metrics.ts';
import { processorMetrics } from '../processor/processor-metrics.ts';
import { traceMetrics } from '../tracing/trace-metrics.ts';
import { viewsMetrics } from '../views/views-metrics.ts';
import { cassandraMetrics } from './cassandra-metrics.ts';
import { dependencyMetrics } from './dependency-metrics.ts';
import { lagMetrics } from './lag-metrics.ts';
import { nodeMetrics } from './node-metrics.ts';
import { peerMetrics } from './peer-metrics.ts';
import { processMetrics } from './process-metrics.ts';
import { queueMetrics } from './queue-metrics.ts';
import { threadMetrics } from './thread-metrics.ts';

/** Every metric of the engine, of whatever role. */
export const engineMetrics = declareMetrics(
  gatewayMetrics,
  kneeMetrics,
  huntMetrics,
  processorMetrics,
  archiveMetrics,
  cassandraMetrics,
  viewsMetrics,
  lagMetrics,
  queueMetrics,
  dependencyMetrics,
  nodeMetrics,
  peerMetrics,
  threadMetrics,
  processMetrics,
  traceMetrics,
);

type EngineMetric = keyof typeof engineMetrics;

export type EngineRegistry = MetricRegistry<EngineMetric>;
