import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { systemClock } from '../clock.ts';
import { AssignmentBoard } from './assignment-board.ts';
import type { PartitionAssignment, VersionedAssignment } from './assignment-document.ts';
import type { Coordinator } from './coordinator.ts';

/** One document, and nodes that hear of each change when the test says so. */
class Documents {
  writes = 0;
  present: VersionedAssignment;
  readonly #watchers: (() => void)[] = [];

  constructor(partitions: readonly PartitionAssignment[]) {
    this.present = {
      version: 0,
      writer: 'leader',
      addresses: { a: 'a:1', b: 'b:1' },
      shares: {},
      partitions,
    };
  }

  board(node: string): AssignmentBoard {
    const coordinator: Pick<Coordinator, 'watchAssignment' | 'readAssignment' | 'writeAssignment'> =
      {
        watchAssignment: ({ changed }) => {
          this.#watchers.push(() => changed(this.present));
          changed(this.present);
          return () => {};
        },
        readAssignment: (done) => setImmediate(() => done(undefined, this.present)),
        writeAssignment: (base, next, done) => {
          setImmediate(() => {
            if (base?.version !== this.present.version) {
              const conflict = Object.assign(new Error(), { id: 'veltrix-coordination-conflict' });
              return done(conflict, undefined);
            }
            this.writes += 1;
            this.present = { ...next, version: this.present.version + 1 };
            done(undefined, this.present);
          });
        },
      };
    return new AssignmentBoard(coordinator as Coordinator, node, systemClock, assert.ifError);
  }

  tell(): void {
    for (const tell of this.#watchers) tell();
  }
}

const handing = (owner: string, next: string): PartitionAssignment => ({
  ...{ owner, epoch: 4, standby: undefined, next },
  isHandingOver: true,
});
const settled = async () => {
  for (let turn = 0; turn < 30; turn++) await new Promise((resolve) => setImmediate(resolve));
};
function passOn(board: AssignmentBoard, partition: number): void {
  const row = board.document![partition]!;
  board.replace(partition, row, { ...row, owner: row.next, epoch: row.epoch + 1, next: '' });
}

suite('the assignment board', () => {
  test('the target of a move sees it at once, the owner only when it is to hand over', () => {
    const row = { owner: 'a', epoch: 4, standby: undefined, next: 'b' };
    const documents = new Documents([row]);
    const next = (node: string) => documents.board(node).document![0]!.next;
    assert.deepEqual([next('a'), next('b'), next('c')], ['', 'b', '']);
    documents.present = { ...documents.present, partitions: [{ ...row, isHandingOver: true }] };
    assert.deepEqual([next('a'), next('b')], ['b', 'b']);
  });

  test('what one node passes on in a moment goes in one write, and after those of others', async () => {
    const documents = new Documents([
      handing('a', 'b'),
      handing('b', 'a'),
      handing('a', 'b'),
      handing('a', 'b'),
    ]);
    const [a, b] = [documents.board('a'), documents.board('b')];
    // Neither is told of what the other writes: the write itself says that it came second.
    for (const partition of [0, 2, 3]) passOn(a, partition);
    passOn(b, 1);
    await settled();
    assert.deepEqual(
      documents.present.partitions.map(({ owner, epoch, standby, next }) => [
        ...[owner, epoch, standby, next],
      ]),
      [
        ['b', 5, 'a', undefined],
        ['a', 5, 'b', undefined],
        ['b', 5, 'a', undefined],
        ['b', 5, 'a', undefined],
      ],
    );
    assert.equal(documents.writes, 2);
  });

  test('what was made for another state of the partition is not written', async () => {
    const documents = new Documents([handing('a', 'b')]);
    const a = documents.board('a');
    // The leader took the move back, and the owner has not heard of it.
    const kept = { owner: 'a', epoch: 4, standby: 'b', next: undefined };
    documents.present = { ...documents.present, version: 7, partitions: [kept] };
    passOn(a, 0);
    await settled();
    assert.deepEqual(documents.present.partitions, [kept]);
    documents.tell();
    const row = a.document![0]!;
    a.replace(0, row, { ...row, epoch: 9 });
    await settled();
    assert.deepEqual(documents.present.partitions, [{ ...kept, epoch: 9 }]);
  });
});
