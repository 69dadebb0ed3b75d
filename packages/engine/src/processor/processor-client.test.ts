import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import {
  addCommand,
  commandType,
  huntIdOf,
  idToHex,
  noId,
  outcome,
  partitionOf,
  publicationOf,
  publishHunt,
} from '@hunt/rules';
import { compileHunt } from '@hunt/rules/definition';
import { CommandRecordBuilder, DecisionRecordReader, decisionStatus } from 'veltrix';
import { processorSettings } from '../engine-settings.ts';
import { ProcessTelemetry } from '../metrics/process-telemetry.ts';
import { until } from '../testing/until.ts';
import { MemoryViews } from '../views/memory/memory-views.ts';
import type { PartitionSeed } from '../views/views.ts';
import type { PartitionNumber } from './processor-board.ts';
import { type ProcessorClient, startProcessors } from './processor-client.ts';
import type { ToldFault } from './processor-meter.ts';
import { measureProcessors } from './processor-metrics.ts';

/* The real thread on a real directory: what goes in comes back decided, and is there after a restart. */

const yaml = `
hunt: small
title: Small
version: 1
opens: 2026-01-01T10:00:00Z
closes: 2026-01-01T11:00:00Z
teams: solo
steps:
  - { id: gate, title: Gate, clue: c, points: 10, answers: [open] }
treasures:
  - { id: coin, title: Coin, stock: 1, perTeam: 1 }
`;
const definition = compileHunt(yaml, 'small.yaml').hunt!;
const hunt = huntIdOf('small');
const huntId = idToHex(hunt.low, hunt.high);
const partitions = 3;
const settings = { ...processorSettings({}), partitions, segmentBytes: 16 << 20 };

let directory: string;
let client: ProcessorClient;
let nextId = 1;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'processors-'));
  client = await startProcessors(directory, settings);
});

afterEach(async () => {
  await client.close();
  rmSync(directory, { recursive: true });
});

const partitionOfTeam = (team: number) => partitionOf(partitions, hunt.low, hunt.high, team, 0);

/** Sends one command in a record of its own and waits for its durable decision. */
function decide(partition: number, write: (builder: CommandRecordBuilder) => void) {
  const builder = new CommandRecordBuilder();
  write(builder);
  const batch = nextId++;
  return new Promise<{ code: number; status: number }>((resolve, reject) => {
    const reader = new DecisionRecordReader();
    client.onDecided((_partition, _offset, record) => {
      reader.open(record);
      if (reader.originBatch !== batch || reader.origin !== 9) return;
      reader.next();
      resolve({ code: reader.decision.code, status: reader.decision.status });
    });
    client.onRefused((_partition, originBatch, error) => {
      if (originBatch === batch) reject(error);
    });
    client.send(partition, builder.finish(9, batch, 0).slice());
  });
}

function command(type: number, team: number, fields: { item?: number } = {}) {
  return (builder: CommandRecordBuilder) => {
    const who = { hunt, team: { low: team, high: 0 }, player: noId };
    const receivedAt = definition.opensAt;
    addCommand(builder, { type, commandId: freshId(), receivedAt, ...who, ...fields });
  };
}

function freshId(): Uint8Array {
  const id = new Uint8Array(16);
  new DataView(id.buffer).setUint32(0, nextId++, true);
  return id;
}

async function publish(): Promise<void> {
  const publication = publicationOf(publishHunt(definition, new Uint8Array(32)));
  for (let partition = 0; partition < partitions; partition++) {
    await decide(partition, (builder) => {
      addCommand(builder, { ...publication, commandId: freshId(), receivedAt: 0 });
    });
  }
}

describe('processors', () => {
  it('tell at what the program faulted, how often, and where it threw', async () => {
    await publish();
    const told: ToldFault[] = [];
    client.onFault((fault) => told.push(fault));
    const ofNoRelease = command(0x1ff, 1);
    for (let count = 0; count < 3; count++) {
      const { status } = await decide(1, ofNoRelease);
      assert.equal(status, decisionStatus.failed);
    }
    const [{ error, ...what }] = told as [ToldFault];
    assert.deepEqual(what, { partition: 1, of: 'command', type: 'unknown' });
    assert.ok(error instanceof RangeError);
    assert.match(error.stack!, /hunt-application/);
    const telemetry = new ProcessTelemetry();
    measureProcessors(client.boards, telemetry);
    await until(() =>
      telemetry.registry.text().includes('faulted_decisions_total{type="unknown"} 3\n'),
    );
  });

  it('take back what was not begun, and nothing else', async () => {
    await publish();
    const partition = partitionOfTeam(1);
    const refused: number[] = [];
    client.onRefused((_partition, originBatch) => refused.push(originBatch));
    const register = command(commandType.registerTeam, 1);
    const builder = new CommandRecordBuilder();
    register(builder);
    const record = builder.finish(9, nextId++, 0).slice();
    const tickets = [client.send(partition, record), client.send(partition, record)] as const;
    assert.equal(client.withdraw(partition, tickets[0]), true);
    assert.equal(client.withdraw(partition, tickets[0]), false);
    const { code } = await decide(partition, command(commandType.submitAnswer, 1));
    assert.notEqual(code, outcome.teamUnknown, 'the second was begun before');
    assert.equal(client.withdraw(partition, tickets[1]), false);
    const decided = (await client.status())[partition]?.decisionsByStatus ?? [];
    // The hunt, the team, the answer: the team once.
    assert.equal(
      decided.reduce((sum, count) => sum + count, 0),
      3,
    );
    assert.deepEqual(refused, []);
  });

  it('decide, answer queries, and have it all after a restart', async () => {
    await publish();
    const { code } = await decide(partitionOfTeam(1), command(commandType.registerTeam, 1));
    assert.equal(code, outcome.registered);
    const before = await client.team(huntId, idToHex(1, 0));
    assert.equal(before?.points, 0);
    await client.close();
    client = await startProcessors(directory, settings);
    assert.deepEqual(await client.team(huntId, idToHex(1, 0)), before);
    assert.equal(client.seeds.flatMap(({ teams }) => [...teams]).length, 1);
    assert.equal((await client.hunts())[0]?.huntId, huntId);
  });

  it('tell the standings of a partition at any moment so that the decisions after it complete them', async () => {
    await publish();
    const partition = partitionOfTeam(1);
    const teams = Array.from({ length: 200 }, (_, index) => index + 1).filter(
      (team) => partitionOfTeam(team) === partition,
    );
    const records: [offset: number, record: Uint8Array][] = [];
    client.onDecided((of, offset, record) => {
      if (of === partition) records.push([offset, record.slice()]);
    });
    const asked: Promise<PartitionSeed>[] = [];
    const decided: Promise<unknown>[] = [];
    for (const [index, team] of teams.entries()) {
      decided.push(decide(partition, command(commandType.registerTeam, team)));
      asked.push(client.standings(partition));
      if (index % 10 === 0) await decided[index];
    }
    await Promise.all(decided);
    const last = await client.standings(partition);
    const seeds = await Promise.all([...asked, last]);
    for (const { nextOffset, teams: known } of seeds) {
      const [before, views] = [new MemoryViews(), new MemoryViews()];
      views.seed(partition, nextOffset, known);
      for (const [offset, record] of records) {
        if (offset < nextOffset) before.apply(partition, offset, record);
        views.apply(partition, offset, record);
      }
      assert.equal((await before.counters(huntId))?.teams ?? 0, [...known].length);
      assert.equal((await views.counters(huntId))?.teams, teams.length);
    }
    assert.ok(new Set(seeds.map(({ nextOffset }) => nextOffset)).size > 2, 'all at one moment');
    await client.close();
    client = await startProcessors(directory, settings);
    const { nextOffset, teams: known } = client.seeds[partition]!;
    assert.deepEqual([nextOffset, [...known]], [last.nextOffset, [...last.teams]]);
  });

  it('settle a claim across partitions', async () => {
    await publish();
    for (const team of [1, 2, 3, 4]) {
      await decide(partitionOfTeam(team), command(commandType.registerTeam, team));
      await decide(partitionOfTeam(team), command(commandType.claimTreasure, team, { item: 0 }));
    }
    const held = async () => {
      const teams = [1, 2, 3, 4].map((team) => client.team(huntId, idToHex(team, 0)));
      return (await Promise.all(teams)).map((team) => team!.treasures[0]!);
    };
    while ((await held()).some(({ pending }) => pending > 0)) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    const total = (await held()).reduce((sum, treasure) => sum + treasure.held, 0);
    assert.equal(total, 1);
    assert.deepEqual(await client.treasures(huntId), [{ stock: 1, granted: 1, reserved: 0 }]);
  });

  it('show on their boards what was decided, where the log is, and how their threads are', async () => {
    await publish();
    for (const team of [1, 2, 3, 4]) {
      await decide(partitionOfTeam(team), command(commandType.registerTeam, team));
    }
    const sum = (column: PartitionNumber) =>
      client.boards.reduce((all, { partitions: rows }) => {
        for (let row = 0; row < partitions; row++) all += rows.get(row, column);
        return all;
      }, 0);
    const deadline = performance.now() + 30_000;
    while (sum('accepted') < partitions + 4) {
      assert.ok(performance.now() < deadline, `${sum('accepted')} decisions are shown`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.equal(sum('isOpen'), partitions);
    assert.ok(sum('foldSeconds') > 0 && sum('stateBytes') > 0);
    assert.equal(sum('logInflightBytes'), 0);
    // Each has one file, which grows in steps.
    assert.equal(sum('logKeptBytes'), partitions * (4 << 20));
    const telemetry = new ProcessTelemetry();
    measureProcessors(client.boards, telemetry);
    const text = telemetry.registry.text();
    const counted = [...text.matchAll(/^hunt_processor_(\w+)_count\{.*\} (\d+)$/gm)];
    const least = (name: string) =>
      counted.reduce((all, [, of, count]) => all + (of === name ? Number(count) : 0), 0);
    assert.ok(least('record_fold_seconds') >= partitions + 4, text);
    assert.ok(least('log_sync_seconds') >= 1, text);
    assert.match(text, /^hunt_thread_active_seconds_total\{thread="processors-0"\} [\d.]+$/m);
    assert.equal(telemetry.registry.droppedSamples, 0);
  });

  it('measure nothing when they are told not to', async () => {
    await client.close();
    client = await startProcessors(directory, settings, { isMeasured: false });
    await publish();
    assert.deepEqual(client.boards, []);
  });

  it('refuse a directory that is in use, and one made with another partition count', async () => {
    await assert.rejects(startProcessors(directory, settings), { id: 'veltrix-log-locked' });
    await client.close();
    await assert.rejects(startProcessors(directory, { ...settings, partitions: 5 }), {
      id: 'veltrix-log-identity-mismatch',
    });
    const { partitions: _left, ...open } = settings;
    client = await startProcessors(directory, open);
    assert.equal(client.partitionCount, partitions);
  });
});
