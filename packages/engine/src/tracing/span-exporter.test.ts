import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { systemClock } from 'veltrix';
import type { Span } from './span.ts';
import { SpanExporter } from './span-exporter.ts';
import { startCollector } from './testing/collector.ts';

/** Time passes by itself: what is waited for is done at once. */
const hastyClock = {
  ...systemClock,
  after: (delayMs: number, task: () => void) => systemClock.after(Math.min(delayMs, 20), task),
};

async function setUp(t: TestContext, queueMaxSpans = 1_000, clock = systemClock) {
  const collector = await startCollector();
  t.after(() => collector.close());
  const problems: string[] = [];
  const exporter = new SpanExporter({
    ...{
      endpoint: `${collector.endpoint}/otel/`,
      authorization: 'Bearer it',
      queueMaxSpans,
      clock,
    },
    resource: { 'service.name': 'hunt' },
    onProblem: (reason) => void problems.push(reason),
  });
  t.after(() => exporter.close());
  return { collector, exporter, problems };
}

function span(name: string): Span {
  const ids = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), parentSpanId: 'c'.repeat(16) };
  return {
    ...{
      ...ids,
      name,
      kind: 'server',
      startedAt: 1_800_000_000_123.456,
      endedAt: 1_800_000_000_124,
    },
    attributes: { text: 'one', whole: 2, part: 0.5, yes: true },
  };
}

describe('the exporter of spans', () => {
  test('sends them as OTLP says, to where it is told', async (t) => {
    const { collector, exporter } = await setUp(t);
    exporter.add({ ...span('a'), error: '503' });
    exporter.add(span('b'));
    await collector.until((spans) => spans.length === 2);
    assert.deepEqual(collector.requests, [
      {
        path: '/otel/v1/traces',
        authorization: 'Bearer it',
        resource: { 'service.name': { stringValue: 'hunt' } },
      },
    ]);
    assert.deepEqual(collector.spans[0], {
      ...{ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), parentSpanId: 'c'.repeat(16) },
      ...{ name: 'a', kind: 2 },
      startTimeUnixNano: '1800000000123456000',
      endTimeUnixNano: '1800000000124000000',
      attributes: [
        { key: 'text', value: { stringValue: 'one' } },
        { key: 'whole', value: { intValue: '2' } },
        { key: 'part', value: { doubleValue: 0.5 } },
        { key: 'yes', value: { boolValue: true } },
        { key: 'error.type', value: { stringValue: '503' } },
      ],
      status: { code: 2, message: '503' },
    });
    assert.equal(collector.spans[1]!.status, undefined);
  });

  test('drops and counts what it has no room for, and never waits', async (t) => {
    const { collector, exporter } = await setUp(t, 64);
    for (let index = 0; index < 100; index++) exporter.add(span(`s${index}`));
    assert.deepEqual([exporter.waiting, exporter.counts.dropped], [64, 36]);
    await collector.until((spans) => spans.length === 64);
    assert.equal(collector.spans.at(-1)!.name, 's63');
    await exporter.close();
    exporter.add(span('late'));
    assert.deepEqual(exporter.counts, { sent: 64, dropped: 37, refused: 0 });
  });

  test('keeps what a collector that is away could not take, and says so once', async (t) => {
    const { collector, exporter, problems } = await setUp(t, 1_000, hastyClock);
    for (const status of [0, 503, 429]) {
      collector.status = status;
      exporter.add(span(`at ${status}`));
      const before = collector.requests.length;
      if (status > 0) await collector.until(() => collector.requests.length > before + 1);
    }
    collector.status = 200;
    await collector.until((spans) => spans.length === 3);
    assert.deepEqual(
      collector.spans.map(({ name }) => name),
      ['at 0', 'at 503', 'at 429'],
    );
    assert.equal(problems.length, 1, problems.join());
    await exporter.close();
    assert.deepEqual(exporter.counts, { sent: 3, dropped: 0, refused: 0 });
  });

  test('lets go of what a collector refuses', async (t) => {
    const { collector, exporter, problems } = await setUp(t, 1_000, hastyClock);
    collector.status = 400;
    exporter.add(span('refused'));
    await collector.until(() => collector.requests.length === 1);
    collector.status = 200;
    exporter.add(span('taken'));
    await collector.until((spans) => spans.length === 1);
    await exporter.close();
    assert.deepEqual(exporter.counts, { sent: 1, dropped: 0, refused: 1 });
    assert.deepEqual(problems, ['it answers 400']);
  });

  test('ends with what waits sent, and in time where nobody takes it', async (t) => {
    const { collector, exporter } = await setUp(t);
    for (let index = 0; index < 600; index++) exporter.add(span('last'));
    await exporter.close();
    assert.equal(collector.spans.length, 600);
    const away = await setUp(t);
    away.collector.close();
    away.exporter.add(span('lost'));
    await away.exporter.close();
    assert.equal(away.exporter.counts.sent, 0);
  });
});
