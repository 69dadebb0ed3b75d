import { randomBytes } from 'node:crypto';
import {
  addCommand,
  answerHash,
  commandType,
  type Id,
  partitionOf,
  publicationOf,
  publishHunt,
} from '@hunt/rules';
import { CommandRecordBuilder, NodeDisk, type Stream, systemClock } from 'veltrix';
import { openEmbeddedLog, openEmbeddedLogReader } from 'veltrix/embedded';
import { processorSettings } from '../../engine-settings.ts';
import {
  compiled,
  testHuntId,
  testHuntSource,
  testSecret,
} from '../../gateway/testing/test-hunt.ts';
import { ProcessorHost } from '../../processor/processor-host.ts';
import { processorLogOptions } from '../../processor/processor-log.ts';

const at = Date.UTC(2030, 0, 1);
const settings = {
  ...processorSettings({}),
  partitions: 2,
  dedupeWindow: 1_024,
  segmentBytes: 16 << 20,
  checkpointEveryDecisions: 20,
};

/** Plays the test hunt on real processors into a data directory: solutions, hints, scarce treasures. */
export async function playStoredHunt(directory: string, teams: number): Promise<void> {
  const place = { directory, disk: new NodeDisk(), clock: systemClock, settings };
  const newLogId = () => randomBytes(16).toString('hex');
  const host = new ProcessorHost({
    ...place,
    log: openEmbeddedLog(processorLogOptions({ ...place, newLogId })),
    partitions: [0, 1],
    elsewhere: { deliver: () => {} },
    onDecided: () => {},
    onStopped: (_, error) => {
      throw error;
    },
    onCheckpointDamage: () => {},
  });
  for (let partition = 0; partition < settings.partitions; partition++) {
    host.send(partition, publication());
  }
  for (let team = 1; team <= teams; team++) play(host, { low: team, high: team * 31 });
  // A checkpoint is written beside the fold, and one under way at the close is given up.
  while (
    host
      .status()
      .some(
        ({ partition, outboxWaiting }) => outboxWaiting > 0 || !hasCheckpoint(directory, partition),
      )
  ) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  await new Promise<void>((resolve, reject) =>
    host.close((error) => (error ? reject(error) : resolve())),
  );
}

function hasCheckpoint(directory: string, partition: number): boolean {
  const folder = `${directory}/checkpoints/p-${String(partition).padStart(4, '0')}`;
  return new NodeDisk().list(folder).some((name) => !name.endsWith('.tmp'));
}

function publication(): Uint8Array {
  const builder = new CommandRecordBuilder();
  const published = publicationOf(publishHunt(compiled(testHuntSource), testSecret));
  addCommand(builder, { ...published, commandId: new Uint8Array(16), receivedAt: at });
  return builder.finish(1, 1, at).slice();
}

function play(host: ProcessorHost, team: Id): void {
  const builder = new CommandRecordBuilder();
  const add = (type: number, more: { item?: number; extra?: Uint8Array } = {}) =>
    addCommand(builder, {
      ...{ type, receivedAt: at, commandId: randomBytes(16), hunt: testHuntId, team, player: team },
      ...more,
    });
  const water = answerHash(testSecret, 'test-hunt', 'water');
  add(commandType.registerTeam);
  add(commandType.takeHint);
  add(commandType.takeHint);
  add(commandType.submitAnswer, { extra: water });
  add(commandType.submitAnswer, { extra: water });
  add(commandType.claimTreasure);
  add(commandType.claimTreasure, { item: 1 });
  const { low, high } = testHuntId;
  host.send(
    partitionOf(settings.partitions, low, high, team.low, team.high),
    builder.finish(1, 1, at).slice(),
  );
}

/** What becomes of a record in a copied log: itself, others in its place, or none. */
export type Change = (
  stream: Stream,
  partition: number,
  offset: number,
) => 'keep' | 'drop' | 'twice';

/** Copies a log record by record under the same identity, changed on the way. */
export async function copyLog(
  from: string,
  to: string,
  change: Change,
  edit: (stream: Stream, bytes: Uint8Array) => void = () => {},
): Promise<void> {
  const disk = new NodeDisk();
  const source = openEmbeddedLogReader(`${from}/log`, disk);
  const { identity } = source;
  const copy = openEmbeddedLog({
    directory: `${to}/log`,
    disk,
    clock: systemClock,
    partitionCount: identity.partitionCount,
    dedupeWindow: identity.dedupeWindow,
    newLogId: () => identity.logId,
    segmentBytes: settings.segmentBytes,
  });
  for (let partition = 0; partition < identity.partitionCount; partition++) {
    for (const stream of ['commands', 'events'] as const) {
      source.partition(partition).read(stream, 1, Number.MAX_SAFE_INTEGER, (offset, bytes) => {
        const fate = change(stream, partition, offset);
        const record = bytes.slice();
        edit(stream, record);
        if (fate !== 'drop') copy.partition(partition).append(stream, record);
        if (fate === 'twice') copy.partition(partition).append(stream, record);
      });
    }
  }
  await new Promise<void>((resolve, reject) =>
    copy.close((error) => (error ? reject(error) : resolve())),
  );
}
