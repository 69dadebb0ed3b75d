import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { repositoryRoot } from '../repository.ts';
import { badValues } from './bad-values.ts';
import { laidOver, readChart, sampleFile, samples, type Values, withDefaults } from './chart.ts';
import { chartValuesSchema } from './chart-values-schema.ts';
import { cpuQuantities } from './cpu-quantities.ts';

const validate = new Ajv({ allErrors: true, allowUnionTypes: true, strictTypes: false }).compile(
  chartValuesSchema(),
);

const sample = (name: (typeof samples)[number]) => parse(readChart(sampleFile(name))) as Values;

const overSmall = (values: Values) => laidOver(withDefaults(sample('small')), values);

test('the values of the chart and of its samples are what the schema allows', () => {
  for (const values of [withDefaults({}), ...samples.map((name) => withDefaults(sample(name)))]) {
    assert.ok(validate(values), JSON.stringify(validate.errors));
  }
});

test('the schema takes processor time as Kubernetes does', () => {
  for (const [cpu] of cpuQuantities) {
    for (const resources of [{ requests: { cpu } }, { limits: { cpu } }]) {
      assert.ok(validate(overSmall({ roles: { views: { resources } } })), `${cpu}`);
    }
  }
});

for (const { error, by, values } of badValues) {
  test(`${by === 'schema' ? 'the schema refuses' : `${error} is for`} ${JSON.stringify(values)}`, () => {
    const isValid = validate(overSmall(values));
    if (by === 'check') return assert.ok(isValid, JSON.stringify(validate.errors));
    assert.ok(!isValid);
    const places = (validate.errors ?? []).map(({ instancePath }) => instancePath.split('/')[1]);
    assert.ok(places.includes(error), places.join());
  });
}

test('every error of the chart is explained, and tried', () => {
  const raised = [...readChart('templates/_checks.tpl').matchAll(/hunt-chart-[a-z-]+/g)];
  const ids = [...new Set(raised.map(([id]) => id))].sort();
  const page = readFileSync(path.join(repositoryRoot, 'docs/deploy.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `(hunt-chart-[a-z-]+)` \|/gm)].map(([, id]) => id);
  assert.deepEqual(rows.sort(), ids, 'the table in docs/deploy.md');
  const tried = badValues.filter(({ by }) => by === 'check').map(({ error }) => error);
  assert.deepEqual([...new Set(tried)].sort(), ids, 'scripts/deploy/bad-values.ts');
});

test('every value that the schema knows is in the values of the chart, or in the large sample', () => {
  const values = withDefaults(sample('large'));
  const missing: string[] = [];
  const look = (schema: Values, value: unknown, place: string) => {
    for (const [key, inner] of Object.entries((schema['properties'] ?? {}) as Values)) {
      const at = `${place}${key}`;
      const found = (value as Values | undefined)?.[key];
      if (found === undefined) missing.push(at);
      else if (at !== 'settings') look(inner as Values, found, `${at}.`);
    }
  };
  look(chartValuesSchema(), values, '');
  assert.deepEqual(missing, ['global']);
});
