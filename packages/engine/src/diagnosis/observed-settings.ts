import { formatValue } from 'veltrix/config';
import { engineSchema, type SettingName } from '../engine-settings.ts';
import type { EngineMetric } from './metrics-page.ts';
import type { ProcessFacts, Where } from './process-facts.ts';

/** Where a process shows the value that a setting has there. */
const shown: Partial<Readonly<Record<SettingName, readonly [EngineMetric, Where]>>> = {
  'gateway.inflightMaxCommands': ['hunt_queue_limit_entries', { queue: 'gateway-inflight' }],
  'gateway.inflightMaxBytes': ['hunt_queue_limit_bytes', { queue: 'gateway-inflight' }],
  'gateway.connectionsMax': ['hunt_gateway_live_limit_connections', {}],
  'log.inflightMaxBytes': ['hunt_queue_limit_bytes', { queue: 'log-inflight' }],
  'archive.maxWaitingQueries': ['hunt_queue_limit_entries', { queue: 'archive-questions' }],
  'gateway.brownoutLeast': ['hunt_gateway_brownout_least_state', {}],
  'views.updatesMaxBytes': ['hunt_queue_limit_bytes', { queue: 'views-updates' }],
};

/** A setting and the value that it has in a process; null where its metrics do not tell. */
export interface ObservedSetting {
  readonly name: SettingName;
  readonly value: string | null;
  readonly default: string;
}

export function observedSetting(name: SettingName, process?: ProcessFacts): ObservedSetting {
  const property = engineSchema.properties.get(name)!;
  const [metric, where = {}] = shown[name] ?? [];
  const value = metric === undefined ? undefined : process?.most(metric, where);
  return {
    name,
    value: value === undefined ? null : formatValue(property, value),
    default: formatValue(property, property.default),
  };
}
