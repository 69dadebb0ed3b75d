import { engineSchema, type SettingsSource } from '../../engine-settings.ts';
import type { Facts, SettingFacts } from '../facts.ts';

/** The values that count, and where each that somebody set comes from. */
export function settingFacts(source: Pick<SettingsSource, 'values' | 'placeOf'>): {
  readonly settings: NonNullable<Facts['settings']>;
} {
  const places: Record<string, string> = {};
  for (const name of engineSchema.properties.keys()) {
    const place = source.placeOf(name);
    if (place !== undefined) places[name] = place;
  }
  const value: SettingFacts = { values: source.values, places };
  return { settings: { value } };
}
