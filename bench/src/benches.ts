import { archive } from './archive.ts';
import type { Bench } from './bench.ts';
import { brownout } from './brownout.ts';
import { claims } from './claims.ts';
import { config } from './config.ts';
import { configChange } from './config-change.ts';
import { core } from './core.ts';
import { failover } from './failover.ts';
import { fanOut } from './fan-out.ts';
import { http } from './http.ts';
import { httpBatch } from './http-batch.ts';
import { kafka } from './kafka.ts';
import { kafkaLatency } from './kafka-latency.ts';
import { latency } from './latency.ts';
import { live } from './live.ts';
import { memory } from './memory.ts';
import { move } from './move.ts';
import { nodes } from './nodes.ts';
import { overload } from './overload.ts';
import { recovery } from './recovery.ts';
import { sizing } from './sizing.ts';
import { skew } from './skew.ts';
import { start } from './start.ts';
import { telemetry } from './telemetry.ts';
import { views } from './views.ts';

/** In the order of the table in docs/performance.md. */
export const benches: readonly Bench[] = [
  core,
  http,
  httpBatch,
  live,
  latency,
  overload,
  brownout,
  memory,
  recovery,
  claims,
  start,
  views,
  archive,
  kafka,
  kafkaLatency,
  nodes,
  move,
  failover,
  fanOut,
  skew,
  config,
  configChange,
  telemetry,
  sizing,
];
