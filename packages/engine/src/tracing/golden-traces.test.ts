import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { commandType } from '@hunt/rules';
import {
  CommandRecordReader,
  NodeDisk,
  platformCommand,
  type Stream,
  systemClock,
  type TraceContext,
} from 'veltrix';
import { openEmbeddedLogReader } from 'veltrix/embedded';
import { restoreBackup } from '../backup/restore-backup.ts';
import { unpackDirectory } from '../backup/testing/packed-directory.ts';
import { processorSettings } from '../engine-settings.ts';
import { verifyData } from '../verify/verify-data.ts';
import { TracedDecisions } from './traced-decisions.ts';

/*
 * The log of a released engine in which every second of twelve teams was traced: joins, a batch, claims on
 * treasures of both partitions, and a timer. It is there for ever, so whatever reads records reads these.
 */

const golden = new URL('../../golden/version-1-traced.backup.gz', import.meta.url);
const common = { disk: new NodeDisk(), clock: systemClock };
const tableMaxRows = 1 << 20;

interface Step {
  readonly type: number;
  /** That the command came with. */
  readonly trace: TraceContext | undefined;
}

/** Commands of the log, or its decisions that belong to traces, by `partition:offset:index` of the command. */
type Steps = Map<string, Step>;

let root: string;
let directory: string;

before(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'hunt-golden-traces-'));
  const from = path.join(root, 'backup');
  directory = path.join(root, 'restored');
  unpackDirectory(readFileSync(golden), from);
  await restoreBackup({
    ...common,
    from,
    directory,
    settings: { ...processorSettings({}), tableMaxRows },
  });
});
after(() => rmSync(root, { recursive: true, force: true }));

function eachRecord(
  stream: Stream,
  visit: (partition: number, offset: number, bytes: Uint8Array) => void,
) {
  const log = openEmbeddedLogReader(path.join(directory, 'log'), common.disk);
  for (let partition = 0; partition < log.identity.partitionCount; partition++) {
    const reader = log.partition(partition);
    const end = reader.writtenEnd()[stream];
    for (let next = 1; next < end; ) {
      const take = (offset: number, bytes: Uint8Array) => visit(partition, offset, bytes);
      next = reader.read(stream, next, 1 << 20, take, end);
    }
  }
}

function commands(): Steps {
  const found: Steps = new Map();
  const reader = new CommandRecordReader();
  eachRecord('commands', (partition, offset, bytes) => {
    assert.equal(reader.open(bytes), undefined);
    while (reader.next()) {
      const { type } = reader.command;
      found.set(`${partition}:${offset}:${reader.index}`, { type, trace: reader.trace() });
    }
  });
  return found;
}

/** With the ids of the spans in which they were made. */
function decisions(): { readonly traced: Steps; readonly spanIds: Set<string> } {
  const traced: Steps = new Map();
  const spanIds = new Set<string>();
  const reader = new TracedDecisions();
  eachRecord('events', (partition, _offset, bytes) => {
    reader.visit(partition, bytes, ({ context, spanId, decision, records }) => {
      const place = `${partition}:${records.commandOffset}:${decision.index}`;
      traced.set(place, { type: decision.commandType, trace: context });
      spanIds.add(spanId);
    });
  });
  return { traced, spanIds };
}

describe('a log with traces in its records', () => {
  test('has them for commands of requests, of joins, between partitions and of timers', () => {
    const types = new Map<number, Set<boolean>>();
    for (const { type, trace } of commands().values()) {
      types.set(type, (types.get(type) ?? new Set()).add(trace !== undefined));
    }
    const { registerTeam, joinTeam, submitAnswer, claimTreasure } = commandType;
    // With and without.
    for (const type of [
      registerTeam,
      joinTeam,
      submitAnswer,
      claimTreasure,
      platformCommand.message,
    ]) {
      assert.deepEqual(types.get(type)?.size, 2, `command type ${type}`);
    }
    assert.ok(types.get(platformCommand.timerFired)?.has(true));
  });

  test('has the trace of each command in its decision, and no other', () => {
    const traced = [...commands()].filter(([, { trace }]) => trace !== undefined);
    assert.ok(traced.length > 50, String(traced.length));
    assert.deepEqual(decisions().traced, new Map(traced));
  });

  test('leads from each decision on to the messages that it sent', () => {
    const { spanIds } = decisions();
    const messages = [...commands().values()].filter(
      ({ type, trace }) => type === platformCommand.message && trace !== undefined,
    );
    for (const { trace } of messages) assert.ok(spanIds.has(trace!.spanId), trace!.spanId);
  });

  test("is proven as any other: decided again by today's rules it is the same, byte by byte", async () => {
    const proof = await verifyData({ ...common, directory, tableMaxRows });
    assert.deepEqual([proof.violations, proof.firstViolations], [0, []]);
    assert.equal(proof.commands, commands().size);
    assert.equal(proof.decisions, commands().size);
  });
});
