import assert from 'node:assert/strict';
import { it } from 'node:test';
import { rulesErrors } from '@hunt/rules';
import { Ajv } from 'ajv';
import { veltrixErrors } from 'veltrix';
import { ConfigKeeper, clusterLayer, encodeClusterSettings, resolveConfig } from 'veltrix/config';
import { parseConfig } from 'veltrix/config-file';
import { parse } from 'yaml';
import {
  engineSchema,
  liveGatewayConfig,
  processorSettings,
  readSettings,
  settingsSchema,
  settingsSource,
} from './engine-settings.ts';
import { engineErrors } from './errors.ts';
import { gatewaySettings } from './gateway/gateway-settings.ts';
import { gatewayConfig } from './gateway/testing/gateway-config.ts';
import { engineMetrics } from './metrics/engine-metrics.ts';

/** Pinned when a data directory is made: `hunt serve --partitions`, and one more. */
const pinnedSettings = ['partitions', 'dedupeWindow'];

it('every setting that an error names exists', () => {
  const known = new Set<string>([...engineSchema.properties.keys(), ...pinnedSettings]);
  for (const registry of [veltrixErrors, rulesErrors, engineErrors]) {
    for (const [id, { settings = [] }] of Object.entries(registry.definitions)) {
      for (const setting of settings) assert.ok(known.has(setting), `${id} names ${setting}`);
    }
  }
});

it('reads name=value and hands each to its role', () => {
  const values = readSettings(['processor.resendDelayMs=50', 'gateway.waitMaxMs=1_000']);
  assert.equal(processorSettings(values).resendDelayMs, 50);
  const gateway = liveGatewayConfig(settingsSource(values), 7).current;
  assert.deepEqual([gateway.waitMaxMs, gateway.connectionsMax], [1_000, 7]);
});

for (const [text, id] of [
  ['gateway.waitMax=1', 'veltrix-setting-unknown'],
  ['gateway.waitMaxMs', 'veltrix-setting-invalid'],
  ['gateway.waitMaxMs=', 'veltrix-setting-invalid'],
  ['gateway.waitMaxMs=1.5', 'veltrix-setting-invalid'],
  ['gateway.waitMaxMs=0', 'veltrix-setting-invalid'],
  ['gateway.waitMaxMs=5MiB', 'veltrix-setting-invalid'],
  ['gateway.waitMaxMs=60001', 'veltrix-setting-invalid'],
  ['gateway.waitMaxMs=61s', 'veltrix-setting-invalid'],
  ['gateway.recordMaxBytes=1048577', 'veltrix-setting-invalid'],
  ['gateway.inflightMaxBytes=1kB', 'veltrix-setting-contradiction'],
] as const) {
  it(`refuses ${text}`, () => assert.throws(() => readSettings([text]), { id }));
}

it('the gateway sees what its cluster changes, and keeps the connections that the machine allows', () => {
  const keeper = new ConfigKeeper({ schema: engineSchema, layers: [] });
  const live = liveGatewayConfig(settingsSource(keeper), 7);
  let told = 0;
  live.onChange(() => {
    told += 1;
  });
  const settings = [
    { name: 'gateway.waitMaxMs', value: '2s' },
    { name: 'gateway.connectionsMax', value: '9' },
  ];
  keeper.apply(clusterLayer({ value: encodeClusterSettings(settings), version: 1 }));
  assert.deepEqual([live.current.waitMaxMs, live.current.connectionsMax, told], [2_000, 7, 1]);
});

it('of one name the last counts, and values may have units', () => {
  assert.deepEqual(readSettings(['gateway.waitMaxMs=2s', 'gateway.waitMaxMs=500ms']), {
    'gateway.waitMaxMs': 500,
  });
  assert.deepEqual(readSettings(['log.recordMaxBytes=4MiB']), { 'log.recordMaxBytes': 4 << 20 });
});

it('every setting of the gateway is checked where it is made, with its name and range', () => {
  for (const [key, { least, most }] of Object.entries(gatewaySettings)) {
    const name = `gateway.${key}`;
    for (const value of [least, most]) assert.ok(gatewayConfig({ [key]: value }));
    for (const value of [least - 1, most + 1, least + 0.5, Number.NaN]) {
      assert.throws(() => gatewayConfig({ [key]: value }), {
        id: 'veltrix-setting-invalid',
        message: new RegExp(`${name} cannot be "${value}": it is a .* from `),
      });
      if (Number.isNaN(value)) continue;
      assert.throws(() => readSettings([`${name}=${value}`]), { id: 'veltrix-setting-invalid' });
    }
  }
});

it('the metrics that are to be watched are there', () => {
  for (const [name, { metrics = [] }] of engineSchema.properties) {
    for (const metric of metrics) assert.ok(metric in engineMetrics, `${name}: ${metric}`);
  }
});

it('the schema for editors takes what is read, and refuses what no range allows', () => {
  const validate = new Ajv({ strict: false }).compile(settingsSchema());
  for (const [text, isValid] of [
    ['gateway: { waitMaxMs: 2s, liveIntervalMs: 250 }', true],
    ['gateway.waitMaxMs: 2s', true],
    ['log: { retainBytes: 20GiB, segmentBytes: 64MiB }\nviews:', true],
    ['overrides: { nodes: { any: { log: { retainIntervalMs: 5m } } } }', true],
    ['overrides: { roles: { gateway: { gateway.waitMaxMs: 1_000 } } }', true],
    ['gateway: { waitMaxM: 2s }', false],
    ['gateway: { waitMaxMs: 2MiB }', false],
    ['gateway: { waitMaxMs: 0 }', false],
    ['log: { segmentBytes: 16777217 }', false],
    ['overrides: { roles: { gatway: {} } }', false],
    ['overrides: { node: {} }', false],
    ['- 1', false],
  ] as const) {
    assert.equal(validate(parse(text)), isValid, `${text}: ${JSON.stringify(validate.errors)}`);
    if (!isValid) continue;
    const { problems } = resolveConfig(engineSchema, [parseConfig(engineSchema, text, 'f')]);
    assert.deepEqual(problems, [], text);
  }
});
