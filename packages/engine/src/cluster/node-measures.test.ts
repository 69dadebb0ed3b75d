import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { type AssignmentBoard, HealthBoard, type SessionState } from 'veltrix/cluster';
import { ProcessTelemetry } from '../metrics/process-telemetry.ts';
import { measureAssignment, measureHealth, watchSession } from './node-measures.ts';

test('a node shows which partitions it has and how far behind those are that it owns', () => {
  const health = new HealthBoard(4);
  const telemetry = new ProcessTelemetry();
  measureHealth(health, telemetry);
  health.setPart(0, 'owner', 1);
  health.setLag(0, 7);
  health.setWaiting(0, 7, 2_000);
  health.setPart(1, 'owner', 1);
  // Nobody knows yet where the log ends.
  health.setLag(1, Number.POSITIVE_INFINITY);
  health.setPart(2, 'standby', 1);
  health.setLag(2, 9);
  const text = telemetry.registry.text();
  assert.match(text, /^hunt_node_partitions\{part="owner"\} 2$/m);
  assert.match(text, /^hunt_node_partitions\{part="standby"\} 1$/m);
  assert.match(text, /^hunt_node_all_partitions 4$/m);
  assert.deepEqual(text.match(/^hunt_lag_records\{.*$/gm), [
    'hunt_lag_records{consumer="processor",partition="0"} 7',
  ]);
  const seconds = /^hunt_lag_seconds\{.*\} ([\d.]+)$/m.exec(text)![1];
  assert.ok(Number(seconds) >= 2, seconds);
});

test('a node shows who is to own partitions, itself always, once it has read it', () => {
  const owned = (owner: string) => ({ owner, epoch: 1, standby: '', next: '' });
  let document: AssignmentBoard['document'];
  const board = {
    get document() {
      return document;
    },
  };
  const telemetry = new ProcessTelemetry();
  measureAssignment(board, 'gate', telemetry);
  const shown = () =>
    telemetry.registry.text().match(/^hunt_node_(assigned|unassigned)_partitions.*$/gm);
  assert.equal(shown(), null);
  document = ['one', 'two', '', 'one'].map(owned);
  assert.deepEqual(shown(), [
    'hunt_node_assigned_partitions{node="gate",place="here"} 0',
    'hunt_node_assigned_partitions{node="one",place="elsewhere"} 2',
    'hunt_node_assigned_partitions{node="two",place="elsewhere"} 1',
    'hunt_node_unassigned_partitions 1',
  ]);
});

test('coordination is up while there is a session', () => {
  let tell: (state: SessionState) => void = () => {};
  const coordinator = { onSession: (listener: typeof tell) => (tell = listener) };
  const isConnected = watchSession(coordinator, pino({ level: 'silent' }));
  assert.equal(isConnected(), false);
  tell('connected');
  assert.equal(isConnected(), true);
  tell('disconnected');
  assert.equal(isConnected(), false);
});
