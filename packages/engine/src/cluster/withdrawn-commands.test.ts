/*
 * Aim: what waits for a log that stands still. A command whose player has given up never comes to be in the log; the
 * player is told once; and the same command, sent again, is in the log once. One of which nobody knows whether the log
 * has it is no longer counted. Method: the port of a cluster's gateway on the simulated log, with a batcher before it,
 * and the records of the log read afterwards.
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
import { gatewayConfig } from '../gateway/testing/gateway-config.ts';
import { ClusterCommandPort } from './cluster-command-port.ts';

/** A gateway's batcher on a simulated log of one partition. */
function batcherOnLog() {
  const queue = new EventQueue();
  const clock = new SimulatedClock(queue, { ms: 0 }, () => true);
  const identity = { logId: '0'.repeat(32), partitionCount: 1, dedupeWindow: 1_024 };
  const cluster = new SimulatedLogCluster({ clock, random: new SeededRandom(1), identity });
  const log = cluster.connect({ clock, partitionCount: 1, dedupeWindow: 1_024 });
  const port = new ClusterCommandPort({
    ...{ log, clock, owners: { ask: () => new Promise(() => {}) } },
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
  const idOf = (id: number) => new Uint8Array(16).fill(id);
  const send = (id: number, listener: OutcomeListener) => {
    const command = { type: commandType.registerTeam, receivedAt: 0, hunt: noId, team: noId };
    batcher.send(0, addCommand, { ...command, commandId: idOf(id), player: noId }, listener);
    advance(10);
  };
  const isKnown = (id: number) =>
    batcher.recent.find(new DataView(idOf(id).buffer), 0) !== undefined;
  return { advance, batcher, cluster, isKnown, log, queue, send, told, waitingFor };
}

test('a command that waited for a log until its player gave up never comes to be in it', () => {
  const { advance, batcher, cluster, log, queue, send, told, waitingFor } = batcherOnLog();
  cluster.setAvailability(0, 'commands', 'none');
  const soon = performance.now() + 50;
  send(1, waitingFor('sent', soon));
  while (performance.now() <= soon);
  advance(100);
  assert.deepEqual(told, [], 'it may be in the log');
  send(2, waitingFor('waiting', 0));
  advance(50);
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

test('a command of which nobody knows whether the log has it takes no room any more, and is not said to be decided', () => {
  const { advance, batcher, cluster, isKnown, send, told, waitingFor } = batcherOnLog();
  cluster.setAvailability(0, 'commands', 'none');
  send(1, waitingFor('patient', Number.POSITIVE_INFINITY));
  send(2, waitingFor('another', Number.POSITIVE_INFINITY));
  advance(10_000);
  assert.deepEqual(told, ['patient undecided', 'another undecided']);
  assert.deepEqual([batcher.inflightCommands, isKnown(1)], [2, true]);
  advance(120_000);
  assert.deepEqual(told, ['patient undecided', 'another undecided'], 'nobody is told twice');
  assert.deepEqual([batcher.inflightCommands, batcher.inflightAgeMs], [0, 0]);
  assert.deepEqual([isKnown(1), isKnown(2)], [false, false]);
  assert.deepEqual([batcher.counts.undecided, batcher.counts.refused], [2, 0]);
  batcher.close();
});
