/* Settings: declared once, read from several sources, changed while running. Reading files is in `veltrix/config-file`. */

export {
  type ClusterSetting,
  clusterLayer,
  clusterSettingsKey,
  decodeClusterSettings,
  encodeClusterSettings,
} from './cluster-settings.ts';
export { configJsonSchema } from './config-json-schema.ts';
export { type AppliedChange, type ChangedSetting, ConfigKeeper } from './config-keeper.ts';
export {
  environmentLayer,
  flagLayer,
  type Layer,
  type LayerEntry,
  type Source,
  type Target,
} from './config-layer.ts';
export { configReference, valueText } from './config-reference.ts';
export { ConfigSchema, type ConfigValues, type Relation } from './config-schema.ts';
export { fixedConfig, type Live, LiveConfig, scopeValues, snapshotOf } from './live-config.ts';
export {
  isNumber,
  type NumberProperty,
  type Property,
  type PropertyTable,
  type PropertyValue,
} from './property.ts';
export { formatValue, isReference, mapOf, readValue } from './property-value.ts';
export {
  type Asker,
  assertNoProblems,
  type Given,
  type ResolvedConfig,
  resolveConfig,
  type Setting,
} from './resolve-config.ts';
export { readSecret } from './secret.ts';
export { SettingsFile } from './settings-file.ts';
export { SettingsFollower } from './settings-follower.ts';
