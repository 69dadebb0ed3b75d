import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backupLines, restoreLines } from './backup-lines.ts';

const stateSha256 = 'ab'.repeat(32);

test('a person is told what a backup holds', () => {
  const text = backupLines({
    ...{ out: '/b', bytes: 300, askedAt: '2026-05-01T18:30:00.000Z', logId: 'ab' },
    ...{ dedupeWindow: 16, stateLayout: 'hunt-1' },
    partitions: [
      { partition: 0, events: 3, commands: 4, lastAt: '2026-05-01T18:00:00.000Z', stateSha256 },
      { partition: 1, events: 0, commands: 0, stateSha256 },
    ],
    files: [{ path: 'secret', bytes: 300, sha256: 'cd' }],
  }).join('\n');
  assert.match(text, /4 of commands, 3 of decisions, in 2 partition/);
  assert.match(text, /last +2026-05-01T18:00:00/);
  assert.match(text, /300 bytes in 1 files/);
});

test('a person is told what was left out, and what to do', () => {
  const restored = { partition: 0, events: 3, commands: 3, stateSha256 };
  const none = { events: 0, commands: 0 };
  const report = {
    ...{ from: '/b', directory: '/d', logId: 'ab', huntsToPublish: ['night-walk'] },
    partitions: [
      { ...restored, lastAt: 'then', leftOut: { events: 7, commands: 8 }, isAsBackedUp: false },
      { ...restored, partition: 1, leftOut: none, isAsBackedUp: true },
      { ...restored, partition: 2, leftOut: none, isAsBackedUp: false },
    ],
    peopleLeftOut: { teams: 2, players: 5 },
  };
  const lines = restoreLines(report);
  assert.equal(lines[2], 'partition 0: 3 decision records, until then; 7 left out');
  assert.equal(lines[3], 'partition 1: 3 decision records; the state is that of the backup');
  assert.equal(lines[4], 'partition 2: 3 decision records');
  assert.match(lines[5]!, /2 teams and 5 players/);
  assert.match(lines[6]!, /night-walk .*publish it again/);
  assert.match(lines.at(-1)!, /hunt verify --data \/d/);
  const whole = { ...report, huntsToPublish: [], peopleLeftOut: { teams: 0, players: 0 } };
  assert.equal(restoreLines(whole).length, lines.length - 2);
});
