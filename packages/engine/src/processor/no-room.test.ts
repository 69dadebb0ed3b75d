import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  addCommand,
  commandType,
  huntIdOf,
  idToHex,
  partitionOf,
  publicationOf,
  publishHunt,
} from '@hunt/rules';
import {
  type Clock,
  CommandRecordBuilder,
  DecisionRecordReader,
  NodeDisk,
  platformCode,
  platformCommand,
  platformEvent,
  systemClock,
} from 'veltrix';
import { openEmbeddedLog } from 'veltrix/embedded';
import { readMetricsPage } from '../diagnosis/metrics-page.ts';
import { processorSettings } from '../engine-settings.ts';
import { compiled, testSecret } from '../gateway/testing/test-hunt.ts';
import { ProcessTelemetry } from '../metrics/process-telemetry.ts';
import { until } from '../testing/until.ts';
import { hasUndone } from '../verify/undone-decisions.ts';
import { verifyData } from '../verify/verify-data.ts';
import type { TeamProgress } from './command-port.ts';
import { ProcessorBoard } from './processor-board.ts';
import { ProcessorHost } from './processor-host.ts';
import { processorLogOptions } from './processor-log.ts';
import { ProcessorMeter } from './processor-meter.ts';
import { measureProcessors } from './processor-metrics.ts';
import { limitedTables } from './undone-labels.ts';

/*
 * Real processors of two partitions whose tables have 24 rows, and a crowd at once: every claim gets its last
 * word, nothing is granted twice or lost, and all reservations end. What was not done is counted, as the log says
 * it. Time runs a hundred times as fast.
 */

const speed = 100;
const quickClock: Clock = {
  now: () => at + (Date.now() - at) * speed,
  after: (delayMs, task) => systemClock.after(delayMs / speed, task),
  defer: systemClock.defer,
};
const at = Date.now();

const teams = 20;
const definition = compiled(`
hunt: tight
title: Tight
version: 1
opens: 2001-01-01T00:00:00Z
closes: 2099-01-01T00:00:00Z
steps:
  - { id: gate, title: Gate, points: 1, clue: c, answers: [water] }
treasures:
  - { id: coin, title: Coin, stock: 90, perTeam: 40 }
  - { id: cup, title: Cup, stock: 30, perTeam: 1, reservation: 1m }
`);
const hunt = huntIdOf('tight');
const settings = { ...processorSettings({}), partitions: 2, tableMaxRows: 24, dedupeWindow: 1_024 };

/** Decisions with the platform's `noRoom`, by type of the command; what was not done, as it is counted; records with any. */
class Undone {
  readonly byType = new Map<number, number>();
  readonly byKind = { command: 0, message: 0, timer: 0 };
  records = 0;
  readonly #reader = new DecisionRecordReader();

  see(record: Uint8Array): void {
    if (hasUndone(record)) this.records += 1;
    this.#reader.open(record);
    while (this.#reader.next()) {
      const { commandType: type, code } = this.#reader.decision;
      while (this.#reader.nextEvent()) {
        if (this.#reader.event.type === platformEvent.messageFailed) this.byKind.message += 1;
      }
      if (code !== platformCode.noRoom) continue;
      this.byType.set(type, (this.byType.get(type) ?? 0) + 1);
      this.byKind[kindOf(type)] += 1;
    }
  }
}

function kindOf(type: number): 'command' | 'message' | 'timer' {
  if (type === platformCommand.message) return 'message';
  return type === platformCommand.timerFired ? 'timer' : 'command';
}

function openHost(t: TestContext, undone: Undone) {
  const directory = mkdtempSync(join(tmpdir(), 'hunt-no-room-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const place = { directory, disk: new NodeDisk(), clock: quickClock, settings };
  const newLogId = () => randomBytes(16).toString('hex');
  const host = new ProcessorHost({
    ...place,
    log: openEmbeddedLog(processorLogOptions({ ...place, newLogId })),
    partitions: [0, 1],
    elsewhere: { deliver: () => {} },
    onDecided: (_partition, _offset, record) => undone.see(record),
    onStopped: (_, error) => {
      throw error;
    },
    onCheckpointDamage: () => {},
  });
  return { directory, host };
}

function publication(): Uint8Array {
  const builder = new CommandRecordBuilder();
  const published = publicationOf(publishHunt(definition, testSecret));
  addCommand(builder, { ...published, commandId: new Uint8Array(16), receivedAt: at });
  return builder.finish(1, 1, at).slice();
}

/** Sums of the series of a counter, by one of its labels. */
function shownBy(host: ProcessorHost, metric: string, label: string): Map<string, number> {
  const telemetry = new ProcessTelemetry();
  const board = ProcessorBoard.make(2);
  host.show(new ProcessorMeter(board));
  measureProcessors([board], telemetry);
  const sums = new Map<string, number>();
  for (const [name, samples] of readMetricsPage(telemetry.registry.text())) {
    if (name !== metric) continue;
    for (const { labels, value } of samples) {
      const of = labels[label]!;
      if (labels['reason'] !== 'fault') sums.set(of, (sums.get(of) ?? 0) + value);
      else assert.equal(value, 0);
    }
  }
  return sums;
}

/** What the metrics say is what the log says; a claim of a treasure on the partition itself is a message within a decision. */
function checkCounted(host: ProcessorHost, undone: Undone): void {
  const shown = shownBy(host, 'hunt_processor_undone_decisions_total', 'of');
  assert.deepEqual(Object.fromEntries(shown), undone.byKind);
  const full = shownBy(host, 'hunt_processor_full_table_refusals_total', 'table');
  assert.deepEqual([...full.keys()].sort(), limitedTables.toSorted());
  const counts = [...full.values()].filter((count) => count > 0);
  assert.deepEqual(counts, [full.get('outbox')], 'what is full here');
}

/** A team comes, claims five coins and a cup. */
function play(host: ProcessorHost, team: number): void {
  const builder = new CommandRecordBuilder();
  const add = (type: number, item = 0) =>
    addCommand(builder, {
      ...{ type, item, receivedAt: quickClock.now(), commandId: randomBytes(16), hunt },
      ...{ team: { low: team, high: 0 }, player: { low: team, high: 0 } },
    });
  add(commandType.registerTeam);
  for (const item of [0, 0, 1, 0, 0, 0]) add(commandType.claimTreasure, item);
  host.send(partitionOf(2, hunt.low, hunt.high, team, 0), builder.finish(1, 1, at).slice());
}

/** Of a team; undefined where that is not durable yet. */
function treasuresOf(host: ProcessorHost, team: number): TeamProgress['treasures'] | undefined {
  let treasures: TeamProgress['treasures'] | undefined;
  host.team(idToHex(hunt.low, hunt.high), idToHex(team, 0), (error, progress) => {
    assert.ifError(error);
    treasures = progress?.treasures ?? [];
  });
  return treasures;
}

/** What all teams hold, and wait for, of each treasure. */
function sums(host: ProcessorHost) {
  const sum = { held: [0, 0], pending: 0, reserved: 0 };
  for (let team = 1; team <= teams; team++) {
    const treasures = treasuresOf(host, team);
    // It is told once it is durable.
    if (treasures === undefined) sum.pending += 1;
    for (const [item, { held, pending, reserved }] of (treasures ?? []).entries()) {
      sum.held[item]! += held;
      sum.pending += pending;
      sum.reserved += reserved;
    }
  }
  return sum;
}

test('a crowd that fills every table waits for nothing in the end, and nothing is lost', async (t) => {
  const undone = new Undone();
  const { directory, host } = openHost(t, undone);
  for (const partition of [0, 1]) host.send(partition, publication());
  for (let round = 0; round < 3; round++) {
    for (let team = 1; team <= teams; team++) play(host, team);
  }
  const isAtRest = () => host.status().every(({ outboxWaiting }) => outboxWaiting === 0);
  await until(() => isAtRest() && sums(host).pending === 0 && sums(host).reserved === 0);
  const stocks = host.treasures(idToHex(hunt.low, hunt.high));
  const { held } = sums(host);
  assert.deepEqual(
    [stocks.get(0), stocks.get(1)],
    [
      { stock: 90, granted: held[0], reserved: 0 },
      { stock: 30, granted: 0, reserved: 0 },
    ],
  );
  assert.ok(held[0]! > 0);
  // Both a claim and a message found no room: the crowd was large enough to say something.
  for (const type of [commandType.claimTreasure, platformCommand.message]) {
    assert.ok((undone.byType.get(type) ?? 0) > 0, `${type} always found room`);
  }
  checkCounted(host, undone);
  // There is room again.
  for (let team = 1; team <= teams; team++) play(host, team);
  await until(() => isAtRest() && sums(host).pending === 0);
  assert.ok(sums(host).held[0]! > held[0]! || held[0] === 90);
  await new Promise<void>((resolve) => host.close(() => resolve()));
  // A proof has other limits than the tables had: what found no room is taken over, the rest decided again.
  const common = { disk: new NodeDisk(), clock: systemClock, tableMaxRows: 1 << 20 };
  const report = await verifyData({ directory, ...common });
  assert.deepEqual(report.firstViolations, []);
  assert.deepEqual([report.violations, report.undecided], [0, 0]);
  assert.equal(report.takenOver, undone.records);
  assert.ok(report.takenOver < report.decisions);
});
