import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { engineSchema } from '@hunt/engine';
import { queues } from '@hunt/engine/metrics';
import { checkQuery } from '../dashboards/dashboard.ts';
import { repositoryRoot } from '../repository.ts';
import { type Alert, rulesYaml, runbookFile } from './alert.ts';
import { alerts, recordings } from './alerts.ts';

const folder = 'docs/runbooks';
const read = (file: string) => readFileSync(path.join(repositoryRoot, file), 'utf8');
const pages = readdirSync(path.join(repositoryRoot, folder)).map((name) => `${folder}/${name}`);
const runbooks = pages.filter((page) => !page.endsWith('README.md'));

test('every alert has a runbook that names it, and every runbook has an alert', () => {
  assert.deepEqual([...new Set(alerts.map(runbookFile))].sort(), runbooks.toSorted());
  const list = read(`${folder}/README.md`);
  for (const alert of alerts) {
    const file = runbookFile(alert);
    assert.ok(read(file).includes(`\nAlert \`${alert.name}\`. `), `${file}: ${alert.name}`);
    assert.ok(list.includes(`(${alert.runbook}.md) | \`${alert.name}\``), `README: ${alert.name}`);
  }
  const keys = alerts.map(({ name, severity }) => `${name} ${severity}`);
  assert.equal(new Set(keys).size, keys.length);
});

test('runbooks speak of metrics, pages and headings that are there', () => {
  for (const page of pages) {
    const text = read(page);
    checkQuery(text, page);
    for (const [, link, heading] of text.matchAll(/\]\(([^)#:]+)(?:#([^)]*))?\)/g)) {
      const target = path.join(path.dirname(page), link!);
      assert.ok(existsSync(path.join(repositoryRoot, target)), `${page}: ${link}`);
      if (heading === undefined) continue;
      const headings = [...read(target).matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
        title!
          .toLowerCase()
          .replace(/[^\w -]/g, '')
          .replaceAll(' ', '-'),
      );
      assert.ok(headings.includes(heading), `${page}: ${link}#${heading}`);
    }
  }
});

test('the runbook of failing commands says what to do for each result that counts as one', () => {
  const [{ expr }] = recordings as [(typeof recordings)[number]];
  const [, results] = expr.match(/result=~"([^"]*)"/)!;
  const text = read(`${folder}/commands-failing.md`);
  for (const result of results!.split('|')) assert.ok(text.includes(`\`${result}\` grows`), result);
});

test('settings that limit queues exist', () => {
  const names = new Set(engineSchema.properties.keys());
  const named = Object.values(queues).flatMap(({ limit }) => limit.match(/\b[a-z]+\.\w+/g) ?? []);
  assert.ok(named.length > 8);
  for (const name of named) assert.ok(names.has(name as never), name);
});

test('an alert about a metric that is gone is not made', () => {
  const gone: Alert = { ...alerts[0]!, name: 'Gone', expr: 'hunt_gone_bytes > 1' };
  assert.throws(() => rulesYaml([], [gone]), {
    id: 'veltrix-metric-invalid',
    message: /hunt_gone_bytes is asked for by alert Gone/,
  });
});
