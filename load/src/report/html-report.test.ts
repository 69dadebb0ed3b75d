import assert from 'node:assert/strict';
import { test } from 'node:test';
import { madeRecord, madeReport } from '../testing/made-record.ts';
import { compareRuns } from '../verdict/comparison.ts';
import { fitAxis } from './axis.ts';
import { htmlReport } from './html-report.ts';

const format = String;

test('the page needs nothing from elsewhere, and every element that opens closes', () => {
  const before = madeReport({ latencyMs: () => 5 });
  const report = madeReport({ failed: (second) => second % 3 });
  const page = htmlReport({ ...report, comparison: compareRuns(before, report, 'x.json') });
  assert.ok(!/<(script|link|img|iframe)|url\(|@import|src=/.test(page));
  assert.ok(!page.replaceAll('http://127.0.0.1:1', '').includes('http'));
  for (const element of ['svg', 'figure', 'table', 'tr', 'td', 'text', 'p', 'div', 'ul', 'li']) {
    const count = (pattern: string) => page.match(new RegExp(pattern, 'g'))?.length ?? 0;
    assert.equal(count(`<${element}[ >]`), count(`</${element}>`), element);
  }
  assert.ok(!/NaN|undefined|Infinity|\[object/.test(page), 'every figure is one');
});

test('it says the verdict, the objectives, what changed, and which errors there were', () => {
  const before = madeReport({ latencyMs: () => 5 });
  const report = madeReport({ failed: (second) => second % 3, latencyMs: () => 60 });
  const page = htmlReport({ ...report, comparison: compareRuns(before, report, 'x.json') });
  assert.match(page, /class="verdict missed"><strong>Objectives missed/);
  assert.match(page, /<td>p99<\/td><td>at most 50 ms<\/td><td>60\S* ms<\/td><td class="no">missed/);
  assert.match(page, /Beyond noise worse: p50, p90, p99/);
  assert.match(page, /<td>engine-overloaded<\/td><td>19<\/td>/);
  const charts = [...page.matchAll(/<h3>([^<]*)<\/h3>/g)].map(([, title]) => title);
  assert.deepEqual(charts, [
    ...['Offered and done', 'Latency over time', 'Latency by percentile'],
    ...['On their way, and waiting for a connection', 'The generator itself'],
  ]);
});

test('a search shows each of its steps', () => {
  const step = { decided: 90, p50Ms: 1, p99Ms: 2, failedShare: 0, isSaturated: false };
  const steps = [
    { ...step, offered: 100, holds: true, reason: '' },
    { ...step, offered: 200, holds: false, reason: 'p99 is 900 ms' },
  ];
  const knee = { perSecond: 100, breaksAt: 200, limit: 'server', sentence: 'x', steps } as const;
  const page = htmlReport({ ...madeReport(), knee });
  assert.match(page, /<td>100\/s<\/td>.*holds.*<td>200\/s<\/td>.*breaks.*p99 is 900 ms/s);
  assert.match(page, /Decided against offered/);
});

test('names from files and servers are text, not markup', () => {
  const report = madeReport({}, { scenario: '<script>alert("x")</script>', hunt: '"><b>' });
  const page = htmlReport(report);
  assert.ok(!page.includes('<script') && !page.includes('"><b>'));
  const { record } = report;
  const failing = { ...report, record: { ...record, failures: { '<i>': 3 } } };
  assert.ok(!htmlReport(failing).includes('<i>'));
});

test('an empty run has a page, too', () => {
  const record = JSON.parse(JSON.stringify(madeRecord({ seconds: 0 })));
  const page = htmlReport({ ...madeReport({ seconds: 0 }), record });
  assert.ok(!/NaN|undefined|Infinity/.test(page));
});

test('axes have round ticks, and everything lies on them', () => {
  const linear = fitAxis({ label: '', scale: 'linear', format }, [3, 437]);
  assert.deepEqual(linear.ticks, [0, 100, 200, 300, 400, 500]);
  assert.deepEqual([linear.place(0), linear.place(250), linear.place(9_999)], [0, 0.5, 1]);
  const log = fitAxis({ label: '', scale: 'log', format }, [0, 0.7, 90]);
  assert.deepEqual(log.ticks, [0.5, 1, 2, 5, 10, 20, 50, 100]);
  assert.ok(log.place(0) === 0 && log.place(90) < 1);
  const none = fitAxis({ label: '', scale: 'log', format }, []);
  assert.ok(none.ticks.length > 0 && Number.isFinite(none.place(5)));
});
