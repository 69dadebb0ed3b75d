/* What a processor tells of a partition's standings is durable, or not told. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { addCommand, publicationOf, publishHunt } from '@hunt/rules';
import { CommandRecordBuilder, NodeDisk, systemClock } from 'veltrix';
import { openEmbeddedLog } from 'veltrix/embedded';
import { Processor } from 'veltrix/processor';
import { processorSettings } from '../engine-settings.ts';
import { compiled, testSecret } from '../gateway/testing/test-hunt.ts';
import { until } from '../testing/until.ts';
import { ProcessorHost } from './processor-host.ts';
import { processorLogOptions } from './processor-log.ts';

const definition = compiled(`
hunt: one
title: One
version: 1
opens: 2001-01-01T00:00:00Z
closes: 2099-01-01T00:00:00Z
steps:
  - { id: gate, title: Gate, points: 1, clue: c, answers: [water] }
`);

function openHost(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'hunt-standings-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const settings = { ...processorSettings({}), partitions: 1, dedupeWindow: 1_024 };
  const place = { directory, disk: new NodeDisk(), clock: systemClock, settings };
  const host = new ProcessorHost({
    ...place,
    log: openEmbeddedLog(processorLogOptions({ ...place, newLogId: () => 'a'.repeat(32) })),
    partitions: [0],
    elsewhere: { deliver: () => {} },
    onDecided: () => {},
    onStopped: () => {},
    onCheckpointDamage: () => {},
  });
  const told: string[] = [];
  const ask = () => {
    host.durableStandings(0, (error, seed) => {
      const durable = host.log.partition(0).durableEnd('events');
      told.push(
        error ? error.message : `${seed!.hunts.length} below ${seed!.nextOffset} of ${durable}`,
      );
    });
  };
  const publish = () => {
    const builder = new CommandRecordBuilder();
    const published = publicationOf(publishHunt(definition, testSecret));
    addCommand(builder, { ...published, commandId: new Uint8Array(16), receivedAt: 1 });
    host.send(0, builder.finish(1, 1, 1).slice());
  };
  const close = () => new Promise<void>((resolve) => host.close(() => resolve()));
  return { told, ask, publish, close };
}

test('standings are told as they were when they were asked for, once that is durable', async (t) => {
  const { told, ask, publish, close } = openHost(t);
  publish();
  ask();
  assert.deepEqual(told, []);
  await until(() => told.length > 0, 'they are never told');
  assert.deepEqual(told, ['1 below 2 of 2']);
  await close();
});

test('standings that do not become durable are not told', async (t) => {
  const { told, ask, publish, close } = openHost(t);
  t.mock.method(Processor.prototype, 'whenDurable', (then: (isDurable: boolean) => void) =>
    then(false),
  );
  publish();
  ask();
  assert.match(told.join(), /whether what it decided last is durable/);
  await close();
});
