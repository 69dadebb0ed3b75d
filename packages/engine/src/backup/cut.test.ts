import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CutLimit, findCut } from './cut.ts';
import { DecidedRecords } from './decided-records.ts';
import { RandomHistory } from './testing/random-history.ts';

/*
 * Two teams of one partition claim what another gives away; each message and each acknowledgement is a record
 * of its own. A cut between any two of them takes back exactly what hangs on it.
 */
const world = new RandomHistory(2);
world.publish();
const waiting = (source: number) =>
  world.partitions[source]!.fold.platform.outbox.waiting(1 - source);
const decided = (partition: number) => world.partitions[partition]!.records.events.length;
let source = -1;
for (let team = 1; source < 0 || waiting(source) < 2; team++) {
  world.do({ kind: 'register', team });
  world.do({ kind: 'claim', team });
  source = [0, 1].find((partition) => waiting(partition) > 0) ?? -1;
}
const destination = 1 - source;
/** Offsets of the two records of the receiver, and of the two of the sender that forget. */
const received: number[] = [];
const forgotten: number[] = [];
const claimed = decided(source);
for (const _ of ['first', 'second']) {
  world.deliver(source, destination, 1);
  received.push(decided(destination));
  world.acknowledge(source, destination);
  forgotten.push(decided(source));
}

async function endsWith(partition: number, limit: CutLimit): Promise<(stream: number) => number> {
  const histories = [0, 1].map((one) => new DecidedRecords(world.readable(one), '/nowhere'));
  const limitOf = (one: number) => (one === partition ? limit : {});
  const cuts = await findCut(histories, limitOf, () => {});
  return (one) => cuts[one]!.end - 1;
}

test('without a limit nothing is taken back', async () => {
  const last = await endsWith(0, {});
  assert.deepEqual([last(0), last(1)], [decided(0), decided(1)]);
});

test('what is received was sent', async () => {
  const both = await endsWith(source, { lastEvent: claimed });
  assert.deepEqual([both(source), both(destination)], [claimed, received[1]]);
  const one = await endsWith(source, { lastEvent: claimed - 1 });
  assert.deepEqual([one(source), one(destination)], [claimed - 1, received[1]! - 1]);
  assert.ok(one(destination) >= received[0]!, 'the first message is kept');
});

test('what is forgotten was received', async () => {
  const first = await endsWith(destination, { lastEvent: received[1]! - 1 });
  assert.deepEqual([first(source), first(destination)], [forgotten[1]! - 1, received[1]! - 1]);
  assert.ok(first(source) >= forgotten[0]!, 'the first one may be forgotten');
  const none = await endsWith(destination, { lastEvent: received[0]! - 1 });
  assert.deepEqual([none(source), none(destination)], [forgotten[0]! - 1, received[0]! - 1]);
});
