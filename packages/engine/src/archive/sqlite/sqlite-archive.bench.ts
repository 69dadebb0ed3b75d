import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventType } from '@hunt/rules';
import { writtenDecisions } from '../../views/testing/written-decisions.ts';
import { SqliteArchive } from './sqlite-archive.ts';

/*
 * By hand: node packages/engine/src/archive/sqlite/sqlite-archive.bench.ts [events] [teams]
 * Decisions with an event each, 100 to a record, 5,000 to an append; then look-ups in all of it.
 */
const events = Number(process.argv[2] ?? 1_000_000);
const teams = Number(process.argv[3] ?? 100_000);
const perRecord = 100;
const perAppend = 50;
const hunt = '00000000000000a1';

function teamOf(number: number): string {
  return (Math.imul(number + 1, 0x9e3779b1) >>> 0).toString(16).padStart(16, '5');
}

function newRecord(): { bytes: Uint8Array; lastId: string } {
  const ids = randomBytes(16 * perRecord).toString('hex');
  const decisions = Array.from({ length: perRecord }, (_, index) => ({
    commandId: ids.slice(index * 32, index * 32 + 32),
    receivedAt: 1.7e12,
    events: [{ type: eventType.stepSolved, hunt, team: teamOf(Math.floor(Math.random() * teams)) }],
  }));
  return { bytes: writtenDecisions(decisions), lastId: ids.slice(-32) };
}

const directory = mkdtempSync(join(tmpdir(), 'archive-bench-'));
try {
  const path = join(directory, 'archive.db');
  const archive = new SqliteArchive(path);
  const ids: string[] = [];
  let offset = 0;
  let spent = 0;
  let longest = 0;
  const cpu = { user: 0, system: 0 };
  while (offset * perRecord < events) {
    const records = Array.from({ length: perAppend }, () => {
      const { bytes, lastId } = newRecord();
      ids.push(lastId);
      return { offset: offset++, bytes };
    });
    const before = process.cpuUsage();
    const start = performance.now();
    await archive.append(0, records);
    const took = performance.now() - start;
    const used = process.cpuUsage(before);
    cpu.user += used.user;
    cpu.system += used.system;
    spent += took;
    longest = Math.max(longest, took);
  }
  const perEvent = (cpu.user + cpu.system) / events;
  console.log(
    `${Math.round(events / (spent / 1000))} events/s, ${perEvent.toFixed(2)} µs of a core each, longest append ${Math.round(longest)} ms, ${Math.round(statSync(path).size / events)} bytes an event, ${archive.runs} runs`,
  );
  const asked = 1000;
  const start = performance.now();
  for (let count = 0; count < asked; count++) {
    const id = ids[Math.floor(Math.random() * ids.length)]!;
    if (!(await archive.decision(id))) throw new Error(`command ${id} is not found`);
  }
  const decided = performance.now();
  for (let count = 0; count < asked; count++) {
    await archive.events({ huntId: hunt, teamId: teamOf(count % teams), limit: 20 });
  }
  const ended = performance.now();
  console.log(
    `decision ${((decided - start) / asked).toFixed(3)} ms, 20 events of a team ${((ended - decided) / asked).toFixed(3)} ms`,
  );
  await archive.close();
} finally {
  rmSync(directory, { recursive: true });
}
