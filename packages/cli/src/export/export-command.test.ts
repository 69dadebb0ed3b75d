import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { addCommand, commandType, huntIdOf, publicationOf, publishHunt } from '@hunt/rules';
import { compileHunt } from '@hunt/rules/definition';
import { huntApplication } from '@hunt/rules/fold';
import { CommandRecordBuilder, NodeDisk, systemClock } from 'veltrix';
import { openEmbeddedLog, openEmbeddedStateStore } from 'veltrix/embedded';
import { Processor } from 'veltrix/processor';
import { huntInProcess } from '../testing/hunt-in-process.ts';

const source = `
hunt: small
title: Small
version: 1
opens: 2001-01-01T00:00:00Z
closes: 2099-01-01T00:00:00Z
steps:
  - { id: gate, title: The gate, points: 10, answers: [water] }
`;
const teams = 8;
const at = Date.UTC(2030, 0, 1);
const hunt = huntIdOf('small');
const idOf = (number: number) => new Uint8Array(16).fill(number);
const segment = path.join('log', 'p-0000', 'journal-0000000000000000.seg');

let directory: string;
let data: string;
before(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'hunt-export-'));
  data = path.join(directory, 'data');
  await playSmallHunt(data);
});
after(() => rmSync(directory, { recursive: true, force: true }));

function publication(): Uint8Array {
  const { hunt: definition } = compileHunt(source, 'small.yaml');
  const builder = new CommandRecordBuilder();
  const published = publicationOf(publishHunt(definition!, new Uint8Array(32)));
  addCommand(builder, { ...published, commandId: new Uint8Array(16), receivedAt: at });
  return builder.finish(1, 1, at);
}

function registration(number: number): Uint8Array {
  const builder = new CommandRecordBuilder();
  const team = { low: number, high: number };
  const type = commandType.registerTeam;
  addCommand(builder, { type, receivedAt: at, commandId: idOf(number), hunt, team, player: team });
  return builder.finish(1, 1, at);
}

/** Publishes a hunt and registers teams, each durable before the next, and stops cleanly. */
async function playSmallHunt(to: string): Promise<void> {
  const disk = new NodeDisk();
  const log = openEmbeddedLog({
    ...{ directory: path.join(to, 'log'), disk, clock: systemClock },
    ...{ partitionCount: 1, dedupeWindow: 16, newLogId: () => 'ab'.repeat(16) },
  });
  const processor = new Processor({
    ...{ identity: log.identity, log: log.partition(0), clock: systemClock },
    store: openEmbeddedStateStore({ disk, directory: path.join(to, 'checkpoints'), fullEvery: 1 }),
    application: huntApplication,
    transport: { deliver: () => {} },
    publish: () => {},
    onStopped: (error) => {
      throw error;
    },
    onCheckpointDamage: () => {},
    ...{ epoch: 0, tableMaxRows: 100, checkpointEveryDecisions: 1_000, resendDelayMs: 1_000 },
  });
  const submit = (bytes: Uint8Array) =>
    new Promise<void>((resolve, reject) => {
      processor.submit(bytes, (error) => (error ? reject(error) : resolve()));
    });
  await submit(publication());
  for (let team = 1; team <= teams; team++) await submit(registration(team));
  await new Promise<void>((resolve, reject) => {
    log.close((error) => (error ? reject(error) : resolve()));
  });
  processor.close();
}

const exported = (from: string) =>
  huntInProcess(['export', '--data', from, '--hunt', 'small', '--format', 'jsonl']);

test('writes every event of a log that was stopped cleanly', async () => {
  const { code, output, errors } = await exported(data);
  assert.equal(code, 0, errors);
  const names = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).event);
  assert.deepEqual(names, ['huntPublished', ...Array(teams).fill('teamRegistered')]);
});

test('a flipped byte anywhere in the log gives exit code 1 and names the file', async () => {
  const copy = path.join(directory, 'copy');
  cpSync(data, copy, { recursive: true });
  const file = path.join(copy, segment);
  const bytes = readFileSync(file);
  const opened = new NodeDisk().open(file);
  // The frame that a clean stop writes last vouches for all before it.
  const end = bytes.lastIndexOf('VXFR');
  const places = [0, 60, 5_000, end - 1];
  for (let at = bytes.indexOf('VXFR', 4096); at < end; at = bytes.indexOf('VXFR', at + 1)) {
    places.push(at, at + 8, at + 50);
  }
  assert.ok(places.length >= 4 + 3 * teams, `${places.length} places`);
  for (const place of places) {
    opened.write(place, Uint8Array.of(bytes[place]! ^ 0x10));
    const { code, errors } = await exported(copy);
    opened.write(place, bytes.subarray(place, place + 1));
    assert.equal(code, 1, `byte ${place}`);
    assert.ok(errors.includes(`Log file ${file} is damaged at byte`), errors);
    assert.ok(errors.includes('(veltrix-log-damaged)'), errors);
  }
  opened.close();
  assert.equal((await exported(copy)).code, 0, 'as it was');
});
