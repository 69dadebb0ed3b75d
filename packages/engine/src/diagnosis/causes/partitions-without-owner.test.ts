/* Whether partitions have owners, where not all nodes answer or were named. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { diagnosed } from '../testing/diagnosed.ts';
import type { MadeOptions } from '../testing/made-process.ts';
import { node } from '../testing/made-series.ts';

test('owners are not counted where a node could not be read, or nobody knows whether there are more', () => {
  const unread = [{ what: 'two', reason: 'no answer within 5 s' }];
  const diagnosis = diagnosed([node('one', 2, 8)], { unread });
  assert.equal(diagnosis.limit, null);
  assert.equal(diagnosed([node('one', 2, 8)], { areAll: false }).limit, null);
  assert.deepEqual(diagnosis.unread, unread);
});

/** A node whose page tells who is to own partitions: of others by name, and nobody. */
const telling = (
  name: string,
  partitions: { owns?: number; toOwn: number; elsewhere: Readonly<Record<string, number>> },
  unassigned = 0,
): MadeOptions => ({
  name: `10.0.0.1:${name.length}`,
  changes: {
    ...(partitions.owns !== undefined && {
      'hunt_node_partitions{part="owner"}': partitions.owns,
      hunt_node_all_partitions: 8,
    }),
    [`hunt_node_assigned_partitions{node="${name}",place="here"}`]: partitions.toOwn,
    ...Object.fromEntries(
      Object.entries(partitions.elsewhere).map(([node, count]) => [
        `hunt_node_assigned_partitions{node="${node}",place="elsewhere"}`,
        count,
      ]),
    ),
    hunt_node_unassigned_partitions: unassigned,
  },
});

suite('of addresses that somebody named', () => {
  const named = (...made: readonly MadeOptions[]) => {
    const { limit, others, unknown } = diagnosed(made, { areAll: false });
    assert.deepEqual(others, []);
    return {
      says: limit?.id === 'partitions-without-owner' && limit.evidence.map(({ says }) => says),
      unknown: unknown.map(({ reason }) => reason),
    };
  };
  const gate = telling('gate', { toOwn: 0, elsewhere: { one: 4, three: 4 } });
  const one = telling('one', { owns: 4, toOwn: 4, elsewhere: { three: 4 } });
  const three = (owns: number) => telling('three', { owns, toOwn: 4, elsewhere: { one: 4 } });

  test('those that cover the assignment are enough to know that all partitions have owners, or not', () => {
    assert.deepEqual(named(one, three(4)), { says: false, unknown: [] });
    assert.deepEqual(named(gate, one, three(4)), { says: false, unknown: [] });
    assert.deepEqual(named(one, three(1)), {
      says: [
        '5 of 8 partitions have an owner',
        '3 of 8 partitions are assigned to nodes that answer, and do not own them',
      ],
      unknown: [],
    });
  });

  test('nodes that are missing are named, and nothing is said of their partitions', () => {
    const { says, unknown } = named(gate, one);
    assert.equal(says, false);
    assert.deepEqual(unknown, [
      'of 8 partitions some are to be owned by nodes that were not read: three (4). Name each node with --target, or all with --cluster.',
    ]);
    assert.match(named(gate).unknown[0]!, /not read: one \(4\), three \(4\)\./);
  });

  test('what is assigned to nobody has no owner, whoever else is missing', () => {
    const left = telling('gate', { toOwn: 0, elsewhere: { one: 6 } }, 2);
    assert.deepEqual(named(left), {
      says: ['2 of 8 partitions are assigned to no node'],
      unknown: [],
    });
    // One that has read a newer assignment says that somebody is to own them.
    assert.equal(named(left, telling('one', { owns: 8, toOwn: 8, elsewhere: {} })).says, false);
  });

  test('a partition that moves while one looks has an owner', () => {
    const moves = telling('one', { owns: 4, toOwn: 4, elsewhere: { three: 4 } }, 0);
    const changes = {
      ...moves.changes,
      'hunt_node_assigned_partitions{node="one",place="here"}': [3, 4] as const,
      'hunt_node_partitions{part="owner"}': [3, 3] as const,
      'hunt_node_assigned_partitions{node="three",place="elsewhere"}': [5, 4] as const,
    };
    const gives = three(5).changes;
    const gave = { ...gives, 'hunt_node_partitions{part="owner"}': [5, 4] as const };
    const made = [
      { ...moves, changes },
      { name: 'three', changes: gave },
    ];
    assert.equal(named(...made).says, false);
  });

  test('of nodes that do not tell the assignment nobody knows whether they are all, unless they own all', () => {
    const { unknown } = named(node('one', 2, 8));
    assert.match(unknown[0]!, /^the nodes that were read own 2 of 8 partitions, and do not tell/);
    assert.deepEqual(named(node('one', 4, 8), node('two', 4, 8)).unknown, []);
    assert.deepEqual(named({}).unknown, [], 'one process is no cluster');
  });
});
