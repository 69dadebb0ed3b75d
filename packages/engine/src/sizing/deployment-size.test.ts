import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CodedError } from 'veltrix';
import { readSettings } from '../engine-settings.ts';
import { deploymentSize } from './deployment-size.ts';
import { madeCalibration, madeCost, madeRequest } from './testing/made-calibration.ts';

const size = (changes = {}) => deploymentSize(madeCalibration(), madeRequest(changes));
function refusal(changes = {}): CodedError {
  try {
    size(changes);
  } catch (error) {
    return error as CodedError;
  }
  assert.fail('it was taken');
}

test('one process is told where it is enough, with its headroom', () => {
  const { form, nodes, partitions, capacity, headroom, limit, services } = size();
  assert.deepEqual([form, nodes, partitions, limit], ['one process', 1, 1, 'main thread']);
  assert.equal(Math.round(capacity), 16_000);
  assert.ok(Math.abs(headroom - 11 / 16) < 1e-9, `${headroom}`);
  assert.equal(services, null);
});

test('more partitions come where folding is scarce, and no more than cores', () => {
  const folding = madeCalibration({ 'answer-wrong': madeCost({ fold: 120, main: 20 }) });
  const { partitions, limit } = deploymentSize(folding, madeRequest({ peak: 6_000 }));
  assert.equal(partitions, 2);
  assert.equal(limit, 'cores');
});

test('a larger crowd, or one that may lose a node, gets a cluster', () => {
  for (const changes of [{ peak: 60_000, players: 1e6 }, { isRedundant: true }]) {
    const { form, nodes, roles, partitions, services, capacity, headroom } = size(changes);
    const wanted = madeRequest(changes).peak / 0.8;
    assert.equal(form, 'cluster');
    assert.ok(roles.gateway >= 2 && roles.processor >= 2);
    assert.equal(nodes, roles.gateway + roles.processor);
    assert.ok(Number.isInteger(Math.log2(partitions)) && partitions >= 2 * roles.processor);
    assert.ok(capacity >= wanted * 0.999, `${capacity} for ${wanted}`);
    assert.ok(headroom >= 0.199, `${headroom}`);
    assert.ok(services!.kafka.brokers >= 3 && services!.cassandra.nodes >= 3);
  }
});

test('owner and standby fold, so that folding counts twice', () => {
  const folding = madeCalibration({ 'answer-wrong': madeCost({ fold: 100, main: 20 }) });
  const { roles, partitions } = deploymentSize(folding, madeRequest({ peak: 40_000 }));
  // 2 × 100 + 10 + 20 × 100 / 120 + 3.9 µs, 40,000 times, by 0.64 of two cores: 7.2. Threads: 12.5.
  assert.deepEqual([roles.processor, partitions], [8, 32]);
});

test('nobody gets fewer nodes for a larger peak', () => {
  let before = 0;
  for (let peak = 1_000; peak < 150_000; peak *= 1.3) {
    const { nodes } = size({ peak, isRedundant: true });
    assert.ok(nodes >= before, `${nodes} after ${before} at ${peak}`);
    before = nodes;
  }
});

test('what cannot be met is refused with what lacks, and the nearest that can', () => {
  const cases: [changes: object, lack: RegExp][] = [
    [{ peak: 50_000, budget: { nodes: 1 } }, /one process's main thread/],
    [{ peak: 100_000, budget: { nodes: 5 } }, /needed? \d+ nodes|need \d+ nodes/],
    [{ players: 2e7, teamSize: 1, budget: { memoryBytes: 2 ** 30, nodes: 1 } }, /of memory/],
    [
      { peak: 100_000, budget: { price: 2, pricePerHour: 10 } },
      /of money an hour, but the budget has 10;/,
    ],
    [{ peak: 5_000_000 }, /decisions a second that every gateway has to read/],
  ];
  for (const [changes, lack] of cases) {
    const { id, message, details } = refusal(changes);
    assert.equal(id, 'sizing-impossible');
    assert.match(message, lack);
    const { peak: asked, players } = madeRequest(changes);
    const found = /^([\d,]+)\/s from ([\d,]+) players/.exec(String(details['nearest']))!;
    const [peak, people] = [found[1]!, found[2]!].map((text) => Number(text.replaceAll(',', '')));
    // What it names is met, and a little more is not.
    assert.ok(peak! < asked && people! <= players);
    size({ ...changes, peak, players: people });
    assert.throws(() => size({ ...changes, peak: peak! * 1.05, players: people! * 1.05 }), {
      id: 'sizing-impossible',
    });
  }
});

test('a request out of range is refused by the name of the number', () => {
  for (const changes of [{ peak: 0 }, { headroom: 1 }, { budget: { cores: 0 } }, { live: NaN }]) {
    assert.equal(refusal(changes).id, 'sizing-request-invalid');
  }
});

test('the settings exist, are in range, and grow with the crowd', () => {
  const roomy = { budget: { memoryBytes: 64 * 2 ** 30 } };
  const large = size({ peak: 20_000, players: 9_000_000, live: 400_000, teamSize: 1, ...roomy });
  for (const { settings } of [size(), large]) {
    const texts = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
    assert.deepEqual(readSettings(texts), settings);
  }
  assert.ok(large.settings['views.maxTeams']! > 9_000_000);
  assert.ok(large.settings['gateway.liveIntervalMs']! >= 250);
});

test('so many listeners that pushes would take everything are told less often', () => {
  const { settings, reasoning } = size({ live: 100_000, mix: { 'answer-right': 1 }, peak: 500 });
  // 100,000 × 4 µs are 0.4 s each time; a quarter of 0.64 may be used.
  assert.equal(settings['gateway.liveIntervalMs'], 2_500);
  assert.ok(reasoning.some(({ what }) => what === 'gateway.liveIntervalMs'));
});

test('each line of the reasoning has a sum and a source', () => {
  for (const { reasoning } of [size(), size({ isRedundant: true })]) {
    assert.ok(reasoning.length >= 8);
    for (const { what, sum, source } of reasoning) {
      assert.match(sum, /\d/, what);
      assert.doesNotMatch(sum, /NaN|Infinity|undefined/, what);
      assert.ok(source.length > 3, what);
    }
  }
});
