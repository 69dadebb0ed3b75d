import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DecisionRecordReader } from 'veltrix';
import { type CutLimit, findCut } from './cut.ts';
import { DecidedRecords } from './decided-records.ts';
import { type HistoryStep, RandomHistory, stock } from './testing/random-history.ts';

/*
 * Random histories on several partitions, with messages that are late, repeated and acknowledged late, cut
 * anywhere. The cut has to be the longest that fits; and who plays on from there loses and wins nothing that a
 * plain model would not.
 */
const teams = 9;

const step = fc.record<HistoryStep>({
  kind: fc.constantFrom('register', 'solve', 'claim', 'claim', 'deliver', 'deliver', 'acknowledge'),
  team: fc.integer({ min: 1, max: teams }),
  from: fc.nat(5),
  to: fc.nat(5),
  count: fc.integer({ min: 1, max: 3 }),
  afterMs: fc.integer({ min: -2, max: 5 }),
});
const limit = fc.record(
  {
    until: fc.integer({ min: -20, max: 200 }).map((ms) => Date.UTC(2030, 0, 1) + ms),
    lastEvent: fc.nat(30),
  },
  { requiredKeys: [] },
);
const history = fc.record({
  partitions: fc.integer({ min: 1, max: 3 }),
  steps: fc.array(step, { maxLength: 60, size: 'max' }),
  limits: fc.array(limit, { minLength: 3, maxLength: 3 }),
  /** How often it is kept where to begin again. */
  stopEvery: fc.integer({ min: 1, max: 20 }),
});

function played(partitions: number, steps: readonly HistoryStep[]): RandomHistory {
  const world = new RandomHistory(partitions);
  world.publish();
  for (let team = 1; team < teams; team++) world.do({ kind: 'register', team });
  for (const one of steps) world.step(one);
  return world;
}

async function cutOf(
  world: RandomHistory,
  limits: readonly CutLimit[],
  stopEvery: number,
): Promise<number[]> {
  const histories = world.partitions.map(
    (_, partition) => new DecidedRecords(world.readable(partition), '/nowhere'),
  );
  const cuts = await findCut(
    histories,
    (partition) => limits[partition]!,
    () => {},
    stopEvery,
  );
  for (const { end, commandEnd } of cuts) assert.equal(commandEnd, end);
  return cuts.map(({ end }) => end);
}

test('a cut is the longest that fits, of all there are', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(history, async ({ partitions, steps, limits, stopEvery }) => {
      const world = played(partitions, steps);
      const found = await cutOf(world, limits, stopEvery);
      const longest = world.partitions.map(() => 1);
      for (const ends of everyCut(world, limits)) {
        for (const [partition, end] of ends.entries()) {
          longest[partition] = Math.max(longest[partition]!, end);
        }
      }
      assert.deepEqual(found, longest);
    }),
    { numRuns: 200 },
  );
});

test('who plays on after a cut loses and wins nothing', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(history, async ({ partitions, steps, limits, stopEvery }) => {
      const world = played(partitions, steps);
      const kept = world.cut(await cutOf(world, limits.map(notBeforeTheHunt), stopEvery));
      kept.settle();
      checkAgainstModel(kept);
      for (let team = 1; team <= teams; team++) {
        for (const kind of ['register', 'solve', 'claim'] as const) kept.do({ kind, team });
      }
      kept.settle();
      checkAgainstModel(kept);
    }),
    { numRuns: 120 },
  );
});

/** What a restore says of hunts that not all partitions have is tested where it is said. */
function notBeforeTheHunt({ until, lastEvent }: CutLimit): CutLimit {
  return {
    ...(until !== undefined && { until: Math.max(until, Date.UTC(2030, 0, 1)) }),
    ...(lastEvent !== undefined && { lastEvent: Math.max(lastEvent, 1) }),
  };
}

/** What teams have, from what they asked alone. */
function checkAgainstModel(world: RandomHistory): void {
  const model = new Map<number, { points: number; claimed: boolean }>();
  for (const { kind, team } of world.deeds) {
    const known = model.get(team);
    if (kind === 'register') model.set(team, known ?? { points: 0, claimed: false });
    else if (known && kind === 'solve') known.points = 10;
    else if (known) known.claimed = true;
  }
  let [claimed, held] = [0, 0];
  for (let team = 1; team <= teams; team++) {
    const expected = model.get(team);
    const found = world.team(team);
    assert.equal(found?.points, expected?.points, `points of team ${team}`);
    assert.equal(found?.pending ?? 0, 0, `team ${team} waits for ever`);
    claimed += expected?.claimed ? 1 : 0;
    held += found?.held ?? 0;
  }
  assert.equal(held, Math.min(stock, claimed), `of ${claimed} claims`);
  assert.equal(world.granted, held);
}

/** Every set of prefixes that fits, by a count of its own. */
function* everyCut(world: RandomHistory, limits: readonly CutLimit[]): Generator<number[]> {
  const prefixes = world.partitions.map((_, partition) =>
    prefixesOf(world, partition, limits[partition]!),
  );
  const ends = prefixes.map(() => 0);
  for (;;) {
    const chosen = ends.map((index, partition) => prefixes[partition]![index]!);
    if (fit(chosen)) yield ends.map((index) => index + 1);
    let at = 0;
    while (at < ends.length && ends[at]! + 1 === prefixes[at]!.length) ends[at++] = 0;
    if (at === ends.length) return;
    ends[at]! += 1;
  }
}

/** Numbers of messages by kind of event and other partition, after each record. */
type Messages = ReadonlyMap<string, number>;

function prefixesOf(world: RandomHistory, partition: number, limit: CutLimit): Messages[] {
  const { commands, events } = world.partitions[partition]!.records;
  const prefixes: Messages[] = [new Map()];
  const reader = new DecisionRecordReader();
  for (const [index, record] of events.entries()) {
    const sentAt = new DataView(commands[index]!.buffer).getFloat64(16, true);
    if (limit.until !== undefined && sentAt > limit.until) break;
    if (limit.lastEvent !== undefined && index + 1 > limit.lastEvent) break;
    const messages = new Map(prefixes.at(-1)!);
    reader.open(record);
    while (reader.next()) {
      while (reader.nextEvent()) {
        const { type, view, payloadStart } = reader.event;
        if (![1, 4, 5].includes(type)) continue;
        const key = `${type} ${view.getUint16(payloadStart, true)}`;
        messages.set(key, view.getUint32(payloadStart + 4, true));
      }
    }
    prefixes.push(messages);
  }
  return prefixes;
}

function fit(chosen: readonly Messages[]): boolean {
  const last = (partition: number, type: number, peer: number) =>
    chosen[partition]!.get(`${type} ${peer}`) ?? 0;
  return chosen.every((_, one) =>
    chosen.every(
      (__, other) =>
        one === other ||
        (last(one, 5, other) <= last(other, 1, one) && last(one, 4, other) <= last(other, 5, one)),
    ),
  );
}
