import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Logger } from 'pino';
import { allRules } from './all-rules.ts';
import { enforce, startRules } from './enforce.ts';
import { preflightErrors } from './errors.ts';
import type { Facts } from './facts.ts';
import { judge } from './judge.ts';
import { type Change, deployment, memory, set, topicSetting } from './testing/change-facts.ts';
import { healthyCluster } from './testing/healthy-facts.ts';

function reportOf(change: Change, unasked: Facts = {}) {
  const all = Object.entries({ ...healthyCluster, ...change });
  const facts = Object.fromEntries(all.map(([name, value]) => [name, { value }]));
  return judge(startRules(allRules), { ...facts, ...unasked });
}

function recorder() {
  const lines: string[] = [];
  const write = (level: string) => (details: { id?: string; what?: string }) =>
    lines.push(`${level} ${details.id ?? details.what}`);
  const logger = { warn: write('warn'), error: write('error') } as unknown as Logger;
  return { lines, logger };
}

test('what warns is a line of the log, and the start goes on', async () => {
  const { lines, logger } = recorder();
  await enforce(reportOf(set({ 'gateway.recentOutcomes': 1 })), logger);
  assert.deepEqual(lines, ['warn preflight-recent-outcomes']);
});

test('what refuses ends the start by its id, with both values, after all was told', async () => {
  const { lines, logger } = recorder();
  const change = {
    ...deployment({ dedupeWindow: 2 ** 25 }),
    ...memory({ heapMaxBytes: 2 ** 40 }),
  };
  await assert.rejects(enforce(reportOf(change), logger), {
    id: 'preflight-dedupe-window',
    retry: 'never',
    message:
      /^dedupeWindow: 33554432 \(the cluster file\); ids of a partition: at most 16777216 \(the engine\)\. Set dedupeWindow to 16777216 at most \(preflight-dedupe-window\)$/,
  });
  assert.deepEqual(lines, ['error preflight-dedupe-window', 'warn preflight-memory-heap']);
});

test('what could not be asked is told, and the start goes on', async () => {
  const { lines, logger } = recorder();
  await enforce(reportOf({}, { redis: { unasked: 'nobody answers' } }), logger);
  assert.deepEqual(lines, ['warn Redis']);
});

test('what a part of the engine finds by itself is left to it, by an error that exists', async () => {
  const { lines, logger } = recorder();
  const broken = topicSetting('hunt.events', 'retention.ms', '1000');
  await enforce(reportOf(broken), logger);
  assert.deepEqual(lines, []);
});

test('every rule has an error of its id', () => {
  assert.deepEqual(
    Object.keys(preflightErrors.definitions),
    allRules.map(({ id }) => id),
  );
});
