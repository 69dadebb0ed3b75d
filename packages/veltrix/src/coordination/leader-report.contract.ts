import assert from 'node:assert/strict';
import { afterEach, beforeEach, suite, test } from 'node:test';
import type { Coordinator } from './coordinator.ts';
import type { CoordinatorHarness } from './coordinator-contract/coordinator-harness.contract.ts';
import type { LeaderReport } from './leader-report.ts';

const report: LeaderReport = {
  leader: 'node-1',
  silent: ['node-2'],
  stuck: [{ partition: 2, nodeId: 'node-3' }],
  scale: [{ role: 'gateway', nodes: 2, load: 0.83, wanted: 3 }],
};

/** What the leader shows of what it sees: a part of the `Coordinator` port, for every adapter. */
export function testLeaderReportContract(name: string, newHarness: () => CoordinatorHarness): void {
  suite(`leader report contract: ${name}`, () => {
    let harness: CoordinatorHarness;
    beforeEach(() => {
      harness = newHarness();
    });
    afterEach(() => harness.dispose());

    const read = async (reader: Coordinator): Promise<LeaderReport | undefined> => {
      const answers: (LeaderReport | undefined)[] = [];
      reader.readLeaderReport((error, found) => {
        assert.ifError(error);
        answers.push(found);
      });
      assert.equal(answers.length, 0, 'called back from within the call');
      await harness.until(() => answers.length > 0);
      return answers[0];
    };
    const readUntil = async (
      reader: Coordinator,
      isWanted: (found: LeaderReport | undefined) => boolean,
      meanwhile: () => void | Promise<void> = () => {},
    ): Promise<LeaderReport | undefined> => {
      for (let tries = 0; tries < 10_000; tries++) {
        await meanwhile();
        const found = await read(reader);
        if (isWanted(found)) return found;
      }
      assert.fail('it never came true');
    };
    const elect = async (): Promise<Coordinator> => {
      const leader = harness.open();
      let isElected = false;
      const elected = () => {
        isElected = true;
      };
      leader.campaign({ elected, deposed: () => {} });
      await harness.until(() => isElected);
      return leader;
    };

    test('there is none before a leader shows one, and then the last', async () => {
      const reader = harness.open();
      assert.equal(await read(reader), undefined);
      const leader = await elect();
      assert.equal(await read(reader), undefined);
      leader.reportAsLeader({ ...report, silent: [] });
      const show = () => leader.reportAsLeader(report);
      const found = await readUntil(reader, (seen) => seen?.silent.length === 1, show);
      assert.deepEqual(found, report);
    });

    test('it goes with the session of the leader', async () => {
      const reader = harness.open();
      const leader = await elect();
      const show = () => leader.reportAsLeader(report);
      await readUntil(reader, (seen) => seen !== undefined, show);
      let isClosed = false;
      leader.close(() => {
        isClosed = true;
      });
      await harness.until(() => isClosed);
      await readUntil(reader, (seen) => seen === undefined);
    });

    test('one that somebody edited counts as none, until the next', async () => {
      const reader = harness.open();
      const leader = await elect();
      const show = () => leader.reportAsLeader(report);
      await readUntil(reader, (seen) => seen !== undefined, show);
      for (const text of ['', '{"format":2}', '{"format":1,"leader":"a/b"}']) {
        // The last report may still be on its way, and come after the edit.
        const edit = () => harness.edit('/leader-report', text);
        await readUntil(reader, (seen) => seen === undefined, edit);
      }
      assert.deepEqual(await readUntil(reader, (seen) => seen !== undefined, show), report);
    });
  });
}
