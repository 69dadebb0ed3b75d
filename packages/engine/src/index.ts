export type { Archive } from './archive/archive.ts';
export { type Engine, type EngineOptions, startEngine } from './engine.ts';
export {
  type EngineSettings,
  engineSchema,
  processorSettings,
  readSettings,
  type SettingName,
  type SettingValues,
  settingsSchema,
} from './engine-settings.ts';
export { engineErrors } from './errors.ts';
export { type ProcessorClient, startProcessors } from './processor/processor-client.ts';
export type { ProcessorSettings } from './processor/processor-settings.ts';
