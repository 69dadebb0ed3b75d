import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { tunableSettings } from './tunable-settings.ts';

const handbook = new URL('../../../../docs/handbook.md', import.meta.url);

test('the handbook opens with settings and values that hunt tune tries, the largest effect first', () => {
  const [, first = ''] = readFileSync(handbook, 'utf8').split(/^## /m);
  const rows = [
    ...first.matchAll(
      /^\| `([\w.]+)` \| (\d+) \| ([\d.]+) × \| ([\d.]+) × \| (both|decided|p99|neither) \|$/gm,
    ),
  ];
  assert.ok(rows.length >= 5, `${rows.length} rows`);
  const tried: Readonly<Record<string, readonly number[]>> = tunableSettings;
  for (const [, name, value] of rows) {
    assert.ok(tried[name!]?.includes(Number(value)), `hunt tune does not try ${name}=${value}`);
  }
  const sizes = rows.map(([, , , decided, , beyond]) => {
    return Math.abs(Math.log(Number(decided))) + (beyond === 'neither' ? 0 : 1_000);
  });
  assert.deepEqual(
    sizes,
    sizes.toSorted((one, other) => other - one),
  );
});
