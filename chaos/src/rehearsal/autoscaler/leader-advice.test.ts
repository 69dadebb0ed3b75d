import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chartWorkloads } from './chart-workloads.ts';
import { LeaderAdvice } from './leader-advice.ts';

const gateway = chartWorkloads().find(({ role }) => role === 'gateway')!;
const { min, max } = gateway.policy!;
const replicas = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ name: `gateway-${index}`, isReady: true }));

/** What is made of one answer after another, each time with two replicas. */
async function follow(...answers: (string | Error)[]): Promise<number[]> {
  const advice = new LeaderAdvice(async () => {
    const answer = answers.shift();
    if (typeof answer !== 'string') throw answer;
    return answer;
  });
  const wanted: number[] = [];
  while (answers.length > 0) {
    await advice.look();
    wanted.push((await advice.decide(gateway, replicas(2))).wanted);
  }
  return wanted;
}

const says = (wanted: number) =>
  JSON.stringify({ roles: { gateway: { nodes: 2, load: 0.8, wanted } } });

test('as many as the leader advises, within the bounds of the chart', async () => {
  assert.deepEqual(await follow(says(3), says(1), says(2)), [3, 1, 2]);
  assert.deepEqual(await follow(says(max + 5), says(min - 1)), [max, min]);
});

test('without advice nothing changes, also when there was some before', async () => {
  const others = JSON.stringify({ roles: { views: { nodes: 1, load: 1, wanted: 2 } } });
  const none = JSON.stringify({ roles: {} });
  const answers = [says(3), new Error('nobody leads'), none, others, 'no JSON'];
  assert.deepEqual(await follow(...answers), [3, 2, 2, 2, 2]);
});
