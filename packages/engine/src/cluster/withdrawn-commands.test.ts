/*
 * Aim: a command that waits for a log that stands still, until its player has given up, never comes to be in the
 * log; the player is told once; and the same command, sent again, is in the log once. Method: the port of a cluster's
 * gateway on the simulated log, with a batcher before it, and the records of the log read afterwards.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addCommand, commandType, noId } from '@hunt/rules';
import { CommandRecordReader } from 'veltrix';
import { fixedConfig } from 'veltrix/config';
import { EventQueue, SeededRandom, SimulatedClock, SimulatedLogCluster } from 'veltrix/simulator';
import { CommandBatcher } from '../gateway/command-batcher.ts';
import type { OutcomeListener } from '../gateway/command-outcome.ts';
import { DecisionFeed } from '../gateway/decision-feed.ts';
import { gatewayConfig } from '../gateway/gateway-settings.ts';
import { ClusterCommandPort } from './cluster-command-port.ts';
import type { OwnerClient } from './owner-client.ts';

test('a command that waited for a log until its player gave up never comes to be in it', async () => {
  const queue = new EventQueue();
  const clock = new SimulatedClock(queue, { ms: 0 }, () => true);
  const identity = { logId: '0'.repeat(32), partitionCount: 1, dedupeWindow: 1_024 };
  const cluster = new SimulatedLogCluster({ clock, random: new SeededRandom(1), identity });
  const log = cluster.connect({ clock, partitionCount: 1, dedupeWindow: 1_024 });
  const nobody: unknown = { ask: () => new Promise(() => {}) };
  const port = new ClusterCommandPort({
    ...{ log, clock, owners: nobody as OwnerClient },
    bus: { publish: () => {} },
    waitsFor: () => {},
  });
  const batcher = new CommandBatcher({
    ...{ port, clock, feed: new DecisionFeed({ onDecided: () => {} }) },
    config: fixedConfig(gatewayConfig()),
    onListenerError: (error) => assert.fail(String(error)),
  });
  const advance = (ms: number) => {
    const end = queue.now + ms;
    while ((queue.nextAt ?? Number.POSITIVE_INFINITY) <= end) queue.step();
  };
  const told: string[] = [];
  const waitingFor = (name: string, until: number): OutcomeListener => ({
    usefulUntil: () => until,
    onOutcome: () => told.push(`${name} decided`),
    onUndecided: () => told.push(`${name} undecided`),
    onRefused: (_tag, error) => told.push(`${name} ${(error as Error & { id: string }).id}`),
  });
  const send = (id: number, listener: OutcomeListener) => {
    const command = { type: commandType.registerTeam, receivedAt: 0, hunt: noId, team: noId };
    const commandId = new Uint8Array(16).fill(id);
    batcher.send(0, addCommand, { ...command, commandId, player: noId }, listener);
    advance(10);
  };
  cluster.setAvailability(0, 'commands', 'none');
  const soon = performance.now() + 50;
  send(1, waitingFor('sent', soon));
  while (performance.now() <= soon);
  advance(100);
  assert.deepEqual(told, [], 'it may be in the log');
  send(2, waitingFor('waiting', 0));
  assert.deepEqual(told, ['waiting engine-deadline-passed']);
  send(2, waitingFor('again', Number.POSITIVE_INFINITY));
  cluster.setAvailability(0, 'commands', 'all');
  const ids: number[] = [];
  log.partition(0).follow('commands', 1, {
    record: (_offset, bytes) => {
      const reader = new CommandRecordReader();
      assert.equal(reader.open(bytes), undefined);
      while (reader.next()) ids.push(reader.command.bytes[reader.command.idStart]!);
    },
    ended: (error) => assert.fail(error.message),
  });
  while (ids.length < 2 && queue.step());
  assert.deepEqual(ids, [1, 2]);
  assert.deepEqual(told, ['waiting engine-deadline-passed']);
  batcher.close();
});
