import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BacklogAge, type ThreadBoard, threadBoard } from 'veltrix/telemetry';
import { ProcessTelemetry } from './process-telemetry.ts';

const linesOf = (telemetry: ProcessTelemetry, name: string) =>
  telemetry.registry
    .text()
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));

test('a process tells of itself and of its main thread before any role is there', () => {
  const telemetry = new ProcessTelemetry();
  telemetry.start();
  telemetry.stop();
  for (const name of ['hunt_process_cpu_seconds_total', 'hunt_thread_active_seconds_total']) {
    assert.equal(linesOf(telemetry, name).length, 1, name);
  }
  assert.deepEqual(linesOf(telemetry, 'hunt_process_data_free_bytes'), []);
  assert.deepEqual(linesOf(telemetry, 'hunt_telemetry_dropped_samples_total'), [
    'hunt_telemetry_dropped_samples_total 0',
  ]);
});

test('a queue is as full as the nearer of its limits says; what does not apply is left out', () => {
  const telemetry = new ProcessTelemetry();
  telemetry.queues.add('gateway-inflight', (emit) =>
    emit({ entries: 1, limitEntries: 4, bytes: 9, limitBytes: 10, oldestSeconds: 2 }),
  );
  telemetry.queues.add('outbox', (emit) => {
    emit({ entries: 5 }, 0);
    emit({ entries: 6 }, 4_000);
  });
  assert.deepEqual(linesOf(telemetry, 'hunt_queue_filled_ratio'), [
    'hunt_queue_filled_ratio{queue="gateway-inflight"} 0.9',
  ]);
  assert.deepEqual(linesOf(telemetry, 'hunt_queue_entries'), [
    'hunt_queue_entries{queue="gateway-inflight"} 1',
    'hunt_queue_entries{queue="outbox",partition="0"} 5',
  ]);
  assert.deepEqual(linesOf(telemetry, 'hunt_queue_oldest_seconds'), [
    'hunt_queue_oldest_seconds{queue="gateway-inflight"} 2',
  ]);
});

test('who follows the log is behind by records and by time, where it is known', () => {
  const telemetry = new ProcessTelemetry();
  const age = new BacklogAge();
  age.reached(8, performance.now() - 3_000);
  telemetry.lags.add('archiver', 2, (partition) =>
    partition === 1
      ? undefined
      : { records: 3, seconds: Math.round(age.ageMs(5, performance.now()) / 1_000) },
  );
  assert.deepEqual(linesOf(telemetry, 'hunt_lag_records'), [
    'hunt_lag_records{consumer="archiver",partition="0"} 3',
  ]);
  assert.deepEqual(linesOf(telemetry, 'hunt_lag_seconds'), [
    'hunt_lag_seconds{consumer="archiver",partition="0"} 3',
  ]);
});

test('the busiest thread is the one that is most at work since it was last looked at, but for background work', () => {
  const telemetry = new ProcessTelemetry();
  const { threads, registry } = telemetry;
  const [folding, idling, archiving] = [threadBoard(), threadBoard(), threadBoard()];
  threads.add('processors-0', folding);
  threads.add('processors-1', idling);
  threads.add('archiver', archiving, { isBackground: true });
  const work = (active: number, idle: number, board: ThreadBoard) => {
    board.set(0, 'activeSeconds', board.get(0, 'activeSeconds') + active);
    board.set(0, 'idleSeconds', board.get(0, 'idleSeconds') + idle);
  };
  work(5, 5, folding);
  registry.sample();
  work(3, 7, folding);
  work(1, 9, idling);
  work(10, 0, archiving);
  registry.sample();
  assert.ok(Math.abs(threads.busiest - 0.3) < 1e-9, `${threads.busiest}`);
});

test('a breaker is down since it was first seen so, until it is up', () => {
  const telemetry = new ProcessTelemetry();
  let isUp = false;
  telemetry.dependencies.watch('views', () => isUp);
  const state = () => linesOf(telemetry, 'hunt_dependency_up_state')[0]!.split(' ')[1];
  const down = () => Number(linesOf(telemetry, 'hunt_dependency_down_seconds')[0]!.split(' ')[1]);
  assert.equal(state(), '0');
  const first = down();
  assert.ok(first >= 0);
  assert.ok(down() >= first);
  isUp = true;
  telemetry.registry.sample();
  assert.deepEqual([state(), down()], ['1', 0]);
});
