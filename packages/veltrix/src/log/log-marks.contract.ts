import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { LogMark, LogMarks } from './log-mark.ts';

const mark: LogMark = {
  state: 'filling',
  logId: 'ab'.repeat(16),
  other: { logId: 'cd'.repeat(16), place: 'another place' },
};

/** @param open called twice with the same name opens the same place, with another name another */
export function testLogMarksContract(
  name: string,
  open: (place: string) => Promise<{ readonly marks: LogMarks; readonly close: () => void }>,
): void {
  suite(`marks of a log: ${name}`, () => {
    test('there is none at first; what is written is there for whoever opens the place', async () => {
      const { marks, close } = await open('one');
      try {
        assert.equal(await marks.read(), undefined);
        await marks.write(mark);
        assert.deepEqual(await marks.read(), mark);
        const again = await open('one');
        try {
          assert.deepEqual(await again.marks.read(), mark);
          await again.marks.write({ ...mark, state: 'moved' });
        } finally {
          again.close();
        }
        assert.deepEqual(await marks.read(), { ...mark, state: 'moved' });
        await marks.write({ ...mark, state: 'open' });
        assert.equal((await marks.read())?.state, 'open');
        const other = await open('other');
        try {
          assert.equal(await other.marks.read(), undefined);
        } finally {
          other.close();
        }
      } finally {
        close();
      }
    });
  });
}
