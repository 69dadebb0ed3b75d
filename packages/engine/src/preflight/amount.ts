import { formatValue } from 'veltrix/config';
import { engineSchema } from '../engine-settings.ts';
import type { DeploymentFacts, SettingFacts } from './facts.ts';
import type { Compared } from './rule.ts';

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** About how many bytes, for people: 5.24 GiB. */
export function bytesText(bytes: number): string {
  const power = Math.floor(Math.log2(Math.max(bytes, 1)) / 10);
  const unit = Math.min(Number.isFinite(power) ? power : 0, units.length - 1);
  const amount = bytes / 1_024 ** unit;
  const digits = Number.isInteger(amount) || !Number.isFinite(amount) ? 0 : 3;
  return `${digits === 0 ? amount : Number(amount.toPrecision(digits))} ${units[unit]}`;
}

export function numberOf({ values }: SettingFacts, name: string): number {
  return Number(values[name]);
}

/** A setting as one of two values. */
export function setting({ values, places }: SettingFacts, name: string): Compared {
  const property = engineSchema.properties.get(name);
  const value = values[name];
  const text =
    property === undefined || value === undefined ? String(value) : formatValue(property, value);
  return { what: name, value: text, source: places[name] ?? 'the default' };
}

export function isSet({ places }: SettingFacts, name: string): boolean {
  return places[name] !== undefined;
}

export function partitionsOf({ partitions, source }: DeploymentFacts): Compared {
  return { what: 'partitions', value: `${partitions}`, source };
}

/** A key of the cluster file as one of two values. */
export function fileKey(what: string, value: string | number): Compared {
  return { what, value: `${value}`, source: 'the cluster file' };
}
