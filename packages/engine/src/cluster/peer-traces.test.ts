import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { fastify } from 'fastify';
import { fixedConfig } from 'veltrix/config';
import { engineErrors } from '../errors.ts';
import { peerTracer } from '../tracing/peer-tracer.ts';
import { RequestTracer } from '../tracing/request-tracer.ts';
import { Sampler } from '../tracing/sampler.ts';
import type { Span } from '../tracing/span.ts';
import { InternalClient } from './internal-client.ts';
import { type InternalHandler, InternalServer } from './internal-server.ts';
import { freeAddress } from './testing/free-address.ts';

/*
 * A request that a gateway serves by asking another node: one trace over both, whose steps each node tells
 * by itself. Where the request is not traced, neither is what it asks.
 */

const key = new Uint8Array(32).fill(3);
const [callerTrace, callerSpan] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];
const sampled = `00-${callerTrace}-${callerSpan}-01`;

/** A gateway whose only route asks another node `times` times; the spans that each of the two tells. */
async function open(t: TestContext, handler: InternalHandler, times = 1) {
  const address = await freeAddress();
  const [asking, asked]: [Span[], Span[]] = [[], []];
  const server = await InternalServer.listen({
    ...{ address, key, handlers: { double: handler } },
    tracer: peerTracer((span) => void asked.push(span)),
  });
  t.after(() => server.close());
  const client = new InternalClient(key);
  t.after(() => client.close());
  const config = fixedConfig({ sampleRatio: 0, sampledMaxPerSecond: 100 });
  const app = fastify();
  new RequestTracer(new Sampler({ config }), (span) => void asking.push(span)).attach(app);
  app.post('/double', async ({ body }) => {
    let answer: unknown;
    for (let time = 0; time < times; time++) answer = await client.call(address, 'double', body);
    return { answer };
  });
  t.after(() => app.close());
  const post = async (traceparent?: string) => {
    const headers = { ...(traceparent !== undefined && { traceparent }) };
    const url = '/double';
    const { statusCode } = await app.inject({ method: 'POST', url, payload: [4], headers });
    return statusCode;
  };
  return { asking, asked, post, address };
}

const double: InternalHandler = async (question) => Number(question) * 2;

test('a question to another node is a step of the trace on both nodes', async (t) => {
  const { asking, asked, post, address } = await open(t, double);
  assert.equal(await post(sampled), 200);
  const [question, request] = asking as [Span, Span];
  const [answer] = asked as [Span];
  assert.deepEqual([asking.length, asked.length], [2, 1]);
  assert.deepEqual(
    [request, question, answer].map(({ name, kind, parentSpanId }) => [name, kind, parentSpanId]),
    [
      ['POST /double', 'server', callerSpan],
      ['ask double', 'client', request.spanId],
      ['answer double', 'server', question.spanId],
    ],
  );
  assert.equal(question.attributes['hunt.node.address'], address);
  for (const { traceId, error } of [request, question, answer]) {
    assert.deepEqual([traceId, error], [callerTrace, undefined]);
  }
});

test('what is not traced asks without a trace, and a sender of its own who is not is not answered with one', async (t) => {
  const { asking, asked, post } = await open(t, double);
  for (const parent of [undefined, 'nonsense', sampled.replace(/01$/, '00')]) {
    assert.equal(await post(parent), 200);
  }
  assert.deepEqual([asking, asked], [[], []]);
  const tracer = peerTracer(() => assert.fail('told'));
  for (const header of [undefined, 'nonsense', sampled.replace(/01$/, '00'), [sampled]]) {
    assert.equal(tracer.answering('double', header), undefined, String(header));
  }
});

test('a question that is refused, and one that fails, say by which error', async (t) => {
  let error: Error = engineErrors.create('engine-deadline-passed');
  const { asking, asked, post } = await open(t, () => Promise.reject(error));
  await post(sampled);
  error = new RangeError('nobody foresaw this');
  await post(sampled);
  const errors = (spans: readonly Span[], name: string) =>
    spans.filter((span) => span.name === name).map((span) => span.error);
  const told = ['engine-deadline-passed', 'engine-internal'];
  assert.deepEqual(errors(asking, 'ask double'), told);
  assert.deepEqual(errors(asked, 'answer double'), told);
});

test('a request that asks often is followed in its first sixteen questions', async (t) => {
  const { asking, asked, post } = await open(t, double, 20);
  assert.equal(await post(sampled), 200);
  assert.equal(asked.length, 16);
  assert.equal(asking.filter(({ name }) => name === 'ask double').length, 16);
});
