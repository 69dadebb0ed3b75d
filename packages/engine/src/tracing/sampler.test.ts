import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LiveConfig } from 'veltrix/config';
import { Sampler } from './sampler.ts';
import { readTraceparent } from './traceparent.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';

describe('traceparent', () => {
  test('is read as the standard has it', () => {
    assert.deepEqual(readTraceparent(`00-${traceId}-${spanId}-01`), { traceId, spanId, flags: 1 });
    assert.deepEqual(readTraceparent(` 00-${traceId}-${spanId}-00 `)?.flags, 0);
    assert.equal(readTraceparent(`cc-${traceId}-${spanId}-01-what-comes-later`)?.traceId, traceId);
  });

  for (const header of [
    undefined,
    '',
    ['00'],
    `00-${traceId}-${spanId}`,
    `00-${traceId}-${spanId}-01-more`,
    `00-${traceId}-${spanId}-1`,
    `ff-${traceId}-${spanId}-01`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `cc-${traceId}-${spanId}-01-${'x'.repeat(1_000)}`,
  ]) {
    test(`is none in ${String(header).slice(0, 60)}`, () => {
      assert.equal(readTraceparent(header), undefined);
    });
  }
});

describe('what is sampled', () => {
  function newSampler(sampleRatio: number, sampledMaxPerSecond = 1_000) {
    const config = new LiveConfig({ sampleRatio, sampledMaxPerSecond });
    const at = { now: 5_000, random: 0.5, isOn: true };
    const sampler = new Sampler({
      ...{ config, now: () => at.now, random: () => at.random, isOn: () => at.isOn },
    });
    return { sampler, config, at };
  }

  test('is what the sender says, and with the trace of the sender', () => {
    const { sampler } = newSampler(0);
    const sampled = sampler.sample(`00-${traceId}-${spanId}-01`);
    assert.equal(sampled?.context.traceId, traceId);
    assert.equal(sampled?.parentSpanId, spanId);
    assert.match(sampled?.context.spanId ?? '', /^[0-9a-f]{16}$/);
    assert.notEqual(sampled?.context.spanId, spanId);
    assert.equal(newSampler(1).sampler.sample(`00-${traceId}-${spanId}-00`), undefined);
  });

  test('is else a part of all, which may change at any time; one that cannot be read says nothing', () => {
    const { sampler, config, at } = newSampler(0.5);
    assert.equal(sampler.sample(undefined), undefined);
    at.random = 0.49;
    const [one, other] = [sampler.sample(undefined), sampler.sample('nonsense')];
    assert.match(one!.context.traceId, /^[0-9a-f]{32}$/);
    assert.notEqual(one!.context.traceId, other!.context.traceId);
    assert.deepEqual([one!.parentSpanId, one!.context.flags], [undefined, 1]);
    config.replace({ ...config.current, sampleRatio: 0 });
    assert.equal(sampler.sample(undefined), undefined);
  });

  test('is never more than so many within a second, whoever says so, and nothing while it is off', () => {
    const { sampler, at } = newSampler(1, 2);
    const sampled = () => {
      const tries = Array.from({ length: 5 }, () => sampler.sample(`00-${traceId}-${spanId}-01`));
      return tries.filter((one) => one !== undefined).length;
    };
    assert.deepEqual([sampled(), sampled()], [2, 0]);
    at.now += 1_000;
    assert.equal(sampled(), 2);
    at.now += 1_000;
    at.isOn = false;
    assert.equal(sampled(), 0);
  });
});
