import { join } from 'node:path';
import type { Logger } from 'pino';
import type { CodedError } from 'veltrix';
import { ConfigKeeper, SettingsFollower } from 'veltrix/config';
import type { EngineSettings } from '../engine-settings.ts';
import { changeFields } from '../settings-reload.ts';
import type { ClusterConfig } from './cluster-config.ts';

/** What a node's settings follow; undefined for settings that were given as values, which stay. */
export function nodeSettingsFollower(
  settings: EngineSettings | undefined,
  { secrets, node }: ClusterConfig,
  logger: Logger,
  waitsFor: (error: Error) => void,
): SettingsFollower | undefined {
  if (!(settings instanceof ConfigKeeper)) return undefined;
  return new SettingsFollower({
    keeper: settings,
    file: join(secrets, `settings.${node}.json`),
    applied: (version, change) => {
      const { waiting } = change;
      const fields = { version, ...changeFields(settings.schema, change), waiting };
      logger.info(fields, 'settings of the cluster taken');
    },
    problem: (error) => {
      const { id } = error as CodedError;
      if (id === 'veltrix-coordination-unavailable') return waitsFor(error);
      logger.error({ error }, 'settings of the cluster not taken');
    },
  });
}
