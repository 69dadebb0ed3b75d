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
] as const) {
  it(`refuses ${text}`, () => assert.throws(() => readSettings([text]), { id }));
}
