import { eventType } from '@hunt/rules';
import { writtenDecisions } from '../testing/written-decisions.ts';
import { MemoryViews } from './memory-views.ts';

/*
 * By hand: node packages/engine/src/views/memory/memory-views.bench.ts
 * Solved steps of random teams, in records of 1,000, with the order kept up; then the memory per team.
 */
const hunt = '00000000000000aa';
const perRecord = 1000;

function teamId(number: number): string {
  return (Math.imul(number + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0').padStart(16, '7');
}

function records(count: number, make: (index: number) => Parameters<typeof event>[0]) {
  return Array.from({ length: Math.ceil(count / perRecord) }, (_, record) =>
    writtenDecisions(
      Array.from({ length: Math.min(perRecord, count - record * perRecord) }, (_, index) => ({
        events: [event(make(record * perRecord + index))],
      })),
    ),
  );
}

function event(fields: { type: number; team: string; value?: number; at?: number }) {
  return { hunt, penaltySeconds: 60, ...fields };
}

async function measure(teams: number, updates: number): Promise<void> {
  globalThis.gc?.();
  const before = process.memoryUsage().arrayBuffers;
  const views = new MemoryViews();
  views.setTies(hunt, 'penalty');
  await views.standings(hunt, 0, 1);
  let offset = 0;
  const registered = performance.now();
  for (let from = 0; from < teams; from += perRecord * 100) {
    const count = Math.min(perRecord * 100, teams - from);
    const made = records(count, (index) => ({
      type: eventType.teamRegistered,
      team: teamId(from + index),
    }));
    for (const record of made) views.apply(0, offset++, record);
  }
  const joins = performance.now() - registered;
  const made = records(updates, (index) => ({
    type: eventType.stepSolved,
    team: teamId(Math.floor(Math.random() * teams)),
    value: 1 + Math.floor(Math.random() * 10),
    at: 1.7e12 + index,
  }));
  const start = performance.now();
  for (const record of made) views.apply(0, offset++, record);
  const seconds = (performance.now() - start) / 1000;
  globalThis.gc?.();
  const bytes =
    process.memoryUsage().arrayBuffers -
    before -
    made.reduce((sum, record) => sum + record.length, 0);
  console.log(
    `${teams} teams: ${Math.round(updates / seconds)} updates/s, made in ${Math.round(joins)} ms, ${Math.round(bytes / teams)} bytes a team`,
  );
}

await measure(2_400, 400_000);
await measure(2_400, 400_000);
await measure(1_000_000, 400_000);
