import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../arrivals/seeded-random.ts';
import { madeReport } from '../testing/made-record.ts';
import { compareRuns, reportFrom } from './comparison.ts';

/** Latencies that vary by a fifth from second to second. */
function noisy(seed: number, level: number) {
  const random = seededRandom(seed);
  const noise = Array.from({ length: 100 }, () => 0.8 + 0.4 * random());
  return (second: number) => level * noise[second]!;
}
const compared = (before: object, after: object) =>
  compareRuns(madeReport(before), madeReport(after), 'x.json');
const findings = (before: object, after: object) =>
  Object.fromEntries(compared(before, after).figures.map(({ name, finding }) => [name, finding]));

test('the same again is the same, whatever its noise, but for one in a hundred', () => {
  let changed = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const found = findings({ latencyMs: noisy(seed, 10) }, { latencyMs: noisy(seed + 100, 10) });
    if (found['p99'] !== 'same') changed += 1;
  }
  assert.ok(changed <= 1, `${changed} of 60`);
});

test('a change beyond the noise is found, in both directions', () => {
  const [ten, twenty] = [{ latencyMs: noisy(1, 10) }, { latencyMs: noisy(2, 13) }];
  assert.deepEqual(findings(ten, twenty), {
    ...{ p50: 'worse', p90: 'worse', p99: 'worse', errors: 'same', decided: 'same' },
  });
  const better = compared(twenty, ten);
  assert.equal(better.isWorse, false);
  assert.equal(better.sentence, 'Beyond noise better: p50, p90, p99.');
  const { interval } = compared(ten, twenty).figures[0]!;
  assert.ok(Math.exp(interval[0]) > 1.1 && Math.exp(interval[1]) < 1.5, `${interval}`);
});

test('errors that came are worse, and one slow second among many is noise', () => {
  const failing = findings({}, { failed: (second: number) => (second % 2) * 10 });
  assert.deepEqual([failing['errors'], failing['decided']], ['worse', 'worse']);
  const spike = findings({}, { latencyMs: (second: number) => (second === 5 ? 200 : 10) });
  assert.equal(spike['p99'], 'same');
});

test('a change that nobody feels is none', () => {
  assert.equal(findings({ latencyMs: () => 10 }, { latencyMs: () => 10.3 })['p99'], 'same');
  assert.equal(findings({ latencyMs: () => 0.2 }, { latencyMs: () => 0.3 })['p99'], 'same');
});

test('where nothing can be known nothing is said', () => {
  const short = compared({ seconds: 5 }, { seconds: 5, latencyMs: () => 90 });
  assert.ok(short.figures.every(({ finding }) => finding === 'unclear'));
  assert.match(short.sentence, /^Nothing can be said: 5 slices/);
  const saturated = compared({}, { latencyMs: () => 90, latenessMs: 40 });
  assert.match(saturated.sentence, /^Nothing can be said: .*generator/);
  assert.equal(saturated.isWorse, false);
});

test('what is no run of the same load is refused by name', () => {
  const report = madeReport();
  const differs = (subject: object) => () => compareRuns(madeReport({}, subject), report, 'x.json');
  assert.throws(differs({ scenario: 'Other', loadHash: 'x' }), {
    id: 'load-comparison-differs',
    message: /"Other", not "Made"/,
  });
  assert.throws(differs({ loadHash: 'x' }), { id: 'load-comparison-differs' });
  const text = JSON.stringify(report);
  assert.deepEqual(reportFrom(text, 'x.json'), JSON.parse(text));
  for (const wrong of ['', 'null', '{}', '{"format":"hunt-load-1"}', '{"format":"hunt-load-0"}']) {
    assert.throws(() => reportFrom(wrong, 'x.json'), { id: 'load-comparison-unreadable' }, wrong);
  }
});
