import assert from 'node:assert/strict';
import { it } from 'node:test';
import { rulesErrors } from '@hunt/rules';
import { veltrixErrors } from 'veltrix';
import {
  engineSettings,
  gatewaySettingsOf,
  pinnedSettings,
  processorSettings,
  readSettings,
} from './engine-settings.ts';
import { engineErrors } from './errors.ts';
import { gatewayConfig, gatewaySettings } from './gateway/gateway-settings.ts';

it('every setting that an error names exists', () => {
  const known = new Set<string>([...engineSettings.keys(), ...pinnedSettings]);
  for (const registry of [veltrixErrors, rulesErrors, engineErrors]) {
    for (const [id, { settings = [] }] of Object.entries(registry.definitions)) {
      for (const setting of settings) assert.ok(known.has(setting), `${id} names ${setting}`);
    }
  }
});

it('every default is within its range', () => {
  for (const [name, { default: value, least, most }] of engineSettings) {
    assert.ok(value >= least && value <= most, name);
  }
});

it('reads name=value and hands each to its role', () => {
  const values = readSettings(['processor.resendDelayMs=50', 'gateway.waitMaxMs=1_000']);
  assert.equal(processorSettings(values).resendDelayMs, 50);
  assert.deepEqual(gatewaySettingsOf(values), { waitMaxMs: 1000 });
});

for (const [text, id] of [
  ['gateway.waitMax=1', 'engine-setting-unknown'],
  ['gateway.waitMaxMs', 'engine-setting-invalid'],
  ['gateway.waitMaxMs=', 'engine-setting-invalid'],
  ['gateway.waitMaxMs=1.5', 'engine-setting-invalid'],
  ['gateway.waitMaxMs=0', 'engine-setting-invalid'],
  ['gateway.waitMaxMs=5s', 'engine-setting-invalid'],
  ['gateway.waitMaxMs=60001', 'engine-setting-invalid'],
  ['gateway.recordMaxBytes=1048577', 'engine-setting-invalid'],
] as const) {
  it(`refuses ${text}`, () => assert.throws(() => readSettings([text]), { id }));
}

it('every setting of the gateway is checked where it is made, with its name and range', () => {
  for (const [key, { least, most }] of Object.entries(gatewaySettings)) {
    const name = `gateway.${key}`;
    for (const value of [least, most]) assert.ok(gatewayConfig({ [key]: value }));
    for (const value of [least - 1, most + 1, least + 0.5, Number.NaN]) {
      assert.throws(() => gatewayConfig({ [key]: value }), {
        id: 'engine-setting-invalid',
        message: `The setting ${name} must be a whole number from ${least} to ${most}, but is "${value}" (engine-setting-invalid)`,
      });
      if (Number.isNaN(value)) continue;
      assert.throws(() => readSettings([`${name}=${value}`]), { id: 'engine-setting-invalid' });
    }
  }
});
