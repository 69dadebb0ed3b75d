import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DecidedLog } from './decided-log.ts';
import { Findings } from './findings.ts';
import type { LogRecord } from './partition-log.ts';
import { commandId, commandRecord, decisionRecord, ownerRecord } from './testing/record-writer.ts';

const [one, two, three] = [commandId(1), commandId(2), commandId(3)];

function read(commands: readonly LogRecord[], events: readonly LogRecord[]) {
  const findings = new Findings();
  const log = new DecidedLog(findings);
  log.addPartition(0, commands, events);
  return { log, findings, counts: findings.counts };
}

const clean = { lost: 0, repeated: 0, overGranted: 0, other: 0 };

describe('what a log decided', () => {
  test('each command once, by owners that follow each other', () => {
    const commands = [commandRecord(1, [one, two]), commandRecord(2, [three])];
    const { log, counts } = read(commands, [
      ownerRecord(1, 1),
      decisionRecord(2, { epoch: 1, sequence: 1, commandOffset: 1 }, [{ id: one }, { id: two }]),
      ownerRecord(3, 4),
      decisionRecord(4, { epoch: 4, sequence: 1, commandOffset: 2 }, [{ id: three, a: 7 }]),
    ]);
    assert.deepEqual(counts, clean);
    assert.deepEqual([log.owners, log.dropped, log.decisions.size], [2, 0, 3]);
    assert.equal(log.decisions.get(three)?.a, 7);
  });

  test('records of an owner that was replaced, that come again or after a gap do not count', () => {
    const commands = [commandRecord(1, [one]), commandRecord(2, [two])];
    const first = { epoch: 1, sequence: 1, commandOffset: 1 };
    const { log, counts } = read(commands, [
      ownerRecord(1, 1),
      decisionRecord(2, first, [{ id: one, a: 1 }]),
      decisionRecord(3, first, [{ id: one, a: 1 }]),
      decisionRecord(4, { epoch: 1, sequence: 3, commandOffset: 2 }, [{ id: two, a: 9 }]),
      ownerRecord(5, 2),
      decisionRecord(6, { epoch: 1, sequence: 2, commandOffset: 2 }, [{ id: two, a: 9 }]),
      ownerRecord(7, 2),
      decisionRecord(8, { epoch: 2, sequence: 1, commandOffset: 2 }, [{ id: two, a: 2 }]),
    ]);
    assert.deepEqual(counts, clean);
    assert.deepEqual([log.owners, log.dropped], [2, 3]);
    assert.equal(log.decisions.get(two)?.a, 2);
  });

  test('a command without a decision is lost', () => {
    const { counts } = read(
      [commandRecord(1, [one, two]), commandRecord(2, [three])],
      [
        ownerRecord(1, 1),
        decisionRecord(2, { epoch: 1, sequence: 1, commandOffset: 2 }, [{ id: three }]),
      ],
    );
    assert.deepEqual(counts, { ...clean, lost: 2 });
  });

  test('a command that is decided twice is repeated, one that is told as a repeat is not', () => {
    const commands = [1, 2, 3].map((offset) => commandRecord(offset, [one]));
    const decide = (second: object, third: object) => [
      ownerRecord(1, 1),
      decisionRecord(2, { epoch: 1, sequence: 1, commandOffset: 1 }, [{ id: one, a: 5 }]),
      decisionRecord(3, { epoch: 1, sequence: 2, commandOffset: 2 }, [{ id: one, ...second }]),
      decisionRecord(4, { epoch: 1, sequence: 3, commandOffset: 3 }, [{ id: one, ...third }]),
    ];
    const repeat = { status: 2, a: 5 };
    const good = read(commands, decide(repeat, repeat));
    assert.deepEqual([good.counts, good.log.repeats], [clean, 2]);
    assert.equal(read(commands, decide({ a: 5 }, repeat)).counts.repeated, 1);
    for (const wrong of [
      { a: 6 },
      { code: 0x111 },
      { firstStatus: 1 },
      { events: [{ type: 0x110 }] },
    ]) {
      assert.equal(read(commands, decide(repeat, { ...repeat, ...wrong })).counts.repeated, 1);
    }
  });

  test('a repeat of what nobody decided is a finding', () => {
    const { counts } = read(
      [commandRecord(1, [one])],
      [
        ownerRecord(1, 1),
        decisionRecord(2, { epoch: 1, sequence: 1, commandOffset: 1 }, [{ id: one, status: 2 }]),
      ],
    );
    assert.equal(counts.repeated, 1);
  });

  test('decisions of other commands than those of their record are a finding', () => {
    const { counts } = read(
      [commandRecord(1, [one, two])],
      [
        ownerRecord(1, 1),
        decisionRecord(2, { epoch: 1, sequence: 1, commandOffset: 1 }, [
          { id: one },
          { id: three },
        ]),
      ],
    );
    assert.equal(counts.other, 1);
  });

  test('the same message number in two partitions is two messages', () => {
    const findings = new Findings();
    const log = new DecidedLog(findings);
    for (const partition of [0, 1]) {
      log.addPartition(
        partition,
        [commandRecord(1, [one])],
        [
          ownerRecord(1, 1),
          decisionRecord(2, { epoch: 1, sequence: 1, commandOffset: 1 }, [{ id: one, type: 2 }]),
        ],
      );
    }
    assert.ok(findings.isClean);
  });
});
