import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { eventType } from '@hunt/rules';
import { DatabaseSync } from '../../sqlite/sqlite-module.ts';
import { writtenDecisions } from '../../views/testing/written-decisions.ts';
import { testArchiveContract } from '../archive.contract.ts';
import { SqliteArchive } from './sqlite-archive.ts';

function openerIn(test: TestContext): () => SqliteArchive {
  const directory = mkdtempSync(join(tmpdir(), 'archive-'));
  const opened: SqliteArchive[] = [];
  test.after(async () => {
    for (const archive of opened) await archive.close();
    rmSync(directory, { recursive: true });
  });
  return () => {
    const archive = new SqliteArchive(join(directory, 'archive.db'));
    opened.push(archive);
    return archive;
  };
}

testArchiveContract('SqliteArchive', async (test) => {
  const open = openerIn(test);
  return { archive: open(), reopen: async () => open() };
});

describe('SqliteArchive', () => {
  /** Many small appends, so that runs are merged several times over; every team and command is found. */
  it('finds everything among merged runs, whatever they hold', async (test) => {
    const archive = openerIn(test)();
    const hunt = '00000000000000a1';
    const teams = 30;
    const teamOf = (number: number) => ((number * 7) % teams).toString(16).padStart(16, 'd');
    const idOf = (number: number) =>
      Math.imul(number + 1, 0x9e3779b1)
        .toString(16)
        .slice(-6);
    const commands = 1200;
    for (let number = 0; number < commands; number += 2) {
      const decisions = [number, number + 1].map((own) => ({
        commandId: idOf(own).padStart(32, '0'),
        events: [{ type: eventType.stepSolved, hunt, team: teamOf(own) }],
      }));
      const partition = number % 3;
      await archive.append(partition, [{ offset: number, bytes: writtenDecisions(decisions) }]);
    }
    assert.ok(archive.runs < 30, `${archive.runs} runs`);
    for (let number = 0; number < commands; number += 37) {
      const found = await archive.decision(idOf(number).padStart(32, '0'));
      assert.deepEqual([found?.offset, found?.index], [number - (number % 2), number % 2]);
    }
    for (let team = 0; team < teams; team++) {
      const found = await archive.events({ huntId: hunt, teamId: teamOf(team), limit: 1000 });
      assert.equal(found.length, commands / teams);
    }
    const all = await archive.events({ huntId: hunt, limit: 10_000 });
    assert.equal(all.length, commands);
  });

  it('forgets an append that fails at any point, and takes the same records afterwards', async (test) => {
    const directory = mkdtempSync(join(tmpdir(), 'archive-'));
    const path = join(directory, 'archive.db');
    const archive = new SqliteArchive(path);
    const other = new DatabaseSync(path);
    test.after(async () => {
      other.close();
      await archive.close();
      rmSync(directory, { recursive: true });
    });
    const hunt = '00000000000000a1';
    const about = { type: eventType.stepSolved, hunt, team: '00000000000000b1' };
    const record = (offset: number) => ({
      offset,
      bytes: writtenDecisions([{ events: [about] }]),
    });
    // The cursor is written last, when record and postings are in the transaction already.
    other.exec(`CREATE TRIGGER refuse BEFORE INSERT ON cursors BEGIN
      SELECT RAISE(ABORT, 'refused for a test'); END`);
    await assert.rejects(archive.append(0, [record(5)]), { id: 'engine-store-failed' });
    other.exec('DROP TRIGGER refuse');
    assert.equal(archive.runs, 0);
    const broken = { offset: 6, bytes: new Uint8Array(3) };
    await assert.rejects(archive.append(0, [record(5), broken]), { id: 'veltrix-record-invalid' });
    await archive.append(0, [record(1), record(2)]);
    await archive.append(0, [record(5)]);
    const found = await archive.events({ huntId: hunt, limit: 10 });
    assert.deepEqual(
      found.map((event) => event.offset),
      [1, 2, 5],
    );
  });

  it('is for nobody else to read', (test) => {
    const directory = mkdtempSync(join(tmpdir(), 'archive-'));
    test.after(() => rmSync(directory, { recursive: true }));
    const path = join(directory, 'archive.db');
    const archive = new SqliteArchive(path);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    archive.close();
  });
});
