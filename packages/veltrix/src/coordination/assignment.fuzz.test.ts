import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { SeededRandom } from '../simulator/seeded-random.ts';
import { cooldownRounds, PaperCluster } from './test-paper-cluster.ts';

const runs = { numRuns: 60 };

const size = fc.record({
  nodes: fc.integer({ min: 2, max: 12 }),
  partitions: fc.integer({ min: 1, max: 48 }),
  seed: fc.nat(),
});

suite('assignments', () => {
  test('whatever happens: epochs grow, owner and standby are apart, every partition is owned by a node that is able', () => {
    const event = fc.tuple(
      fc.constantFrom(
        'fail',
        'return',
        'drain',
        'stay',
        'stick',
        'free',
        'cost',
        'epoch',
        'pin',
        'cling',
        'wait',
      ),
      fc.nat({ max: 7 }),
      fc.nat({ max: 11 }),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 80 }), fc.nat(), (events, seed) => {
        const cluster = new PaperCluster(12, seed);
        cluster.noise = 0.2;
        cluster.addMany(3);
        for (const [kind, number, partition] of events) {
          const nodeId = `n${number}`;
          const node = cluster.nodes.get(nodeId);
          if (kind === 'fail' && node) node.isAble = false;
          if (kind === 'return') cluster.add(nodeId, `z${number % 2}`);
          if (kind === 'drain' && node) node.isDraining = true;
          if (kind === 'stay' && node) node.isDraining = false;
          if (kind === 'stick') cluster.stuck.set(partition, new Set([nodeId]));
          if (kind === 'free') cluster.stuck.delete(partition);
          if (kind === 'cost') cluster.costs[partition] = number * 100;
          if (kind === 'epoch') cluster.seenEpochs[partition]! += number;
          if (kind === 'pin') cluster.pins.set(partition, nodeId);
          if (kind === 'cling') cluster.clinging.add(nodeId);
          cluster.step();
          const able = [...cluster.nodes].filter(([, { isAble }]) => isAble);
          for (const row of cluster.assignment.partitions) {
            if (able.length === 0) continue;
            assert.ok(row.owner !== undefined && cluster.nodes.get(row.owner)?.isAble, 'owned');
            assert.notEqual(row.standby, row.owner);
            assert.notEqual(row.next, row.owner);
            assert.equal(cluster.assignment.addresses[row.owner], `${row.owner}:1`);
          }
        }
      }),
      runs,
    );
  });

  test('the first assignment spreads evenly, by number and by cost', () => {
    fc.assert(
      fc.property(size, ({ nodes, partitions, seed }) => {
        const cluster = new PaperCluster(partitions, seed);
        cluster.addMany(nodes);
        cluster.step();
        const counts = [...cluster.nodes.keys()].map((nodeId) => cluster.ownersOf(nodeId));
        assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, `${counts}`);
      }),
      runs,
    );
  });

  test('it comes to rest, with no node far from the mean unless no partition could mend it', () => {
    fc.assert(
      fc.property(size, fc.nat(), ({ nodes, partitions, seed }, costSeed) => {
        const cluster = new PaperCluster(partitions, seed);
        cluster.addMany(nodes);
        cluster.step();
        const random = new SeededRandom(costSeed);
        for (const partition of cluster.costs.keys()) {
          cluster.costs[partition] = random.chance(0.1) ? 500 : random.between(0, 60);
        }
        assert.notEqual(cluster.settle(), undefined, 'it never rests');
        const { settings } = cluster;
        const total = cluster.costs.reduce((sum, cost) => sum + cost, 0);
        const heaviest = Math.max(...cluster.costs);
        // Copies count too, with half the weight, and lie where they lie.
        const most = (1 + settings.imbalanceStart) * (1.5 * (total / nodes)) + 1.5 * heaviest + 20;
        assert.ok(Math.max(...cluster.ownLoads()) <= most, `${cluster.ownLoads()} over ${most}`);
      }),
      runs,
    );
  });

  test('a node that dies moves its own partitions, at once, each once, to their standbys; nothing else moves', () => {
    fc.assert(
      fc.property(size, ({ nodes, partitions, seed }) => {
        const cluster = new PaperCluster(partitions, seed);
        cluster.addMany(nodes);
        cluster.settle();
        const before = cluster.assignment.partitions;
        cluster.nodes.get('n0')!.isAble = false;
        const moved = cluster.step();
        const had = before.flatMap((row, partition) => (row.owner === 'n0' ? [partition] : []));
        assert.deepEqual(moved, had);
        for (const partition of had) {
          assert.equal(cluster.assignment.partitions[partition]!.owner, before[partition]!.standby);
        }
      }),
      runs,
    );
  });

  test('a drained node loses everything, each partition in one move, and others stay where they are', () => {
    fc.assert(
      fc.property(size, ({ nodes, partitions, seed }) => {
        const cluster = new PaperCluster(partitions, seed);
        cluster.addMany(nodes);
        cluster.settle();
        const had = cluster.assignment.partitions.flatMap((row, partition) =>
          row.owner === 'n1' ? [partition] : [],
        );
        cluster.nodes.get('n1')!.isDraining = true;
        const moves: number[] = [];
        for (let round = 0; round < 300 && cluster.ownersOf('n1') > 0; round++) {
          moves.push(...cluster.step());
        }
        assert.equal(cluster.ownersOf('n1'), 0);
        for (const partition of had) {
          assert.equal(moves.filter((moved) => moved === partition).length, 1);
        }
        cluster.settle();
        const named = cluster.assignment.partitions.some(({ owner, standby, next }) =>
          [owner, standby, next].includes('n1'),
        );
        // With one node left a copy on the one that leaves is better than none.
        if (nodes > 2) assert.equal(named, false, 'not even a copy is left');
      }),
      runs,
    );
  });

  test('a newcomer is taken in gradually, and gets its share with few moves', () => {
    fc.assert(
      fc.property(size, ({ nodes, partitions, seed }) => {
        const cluster = new PaperCluster(partitions, seed);
        cluster.addMany(nodes);
        cluster.settle();
        cluster.add('newcomer');
        let moves = 0;
        for (let round = 0; round < 200; round++) {
          moves += cluster.step().length;
          const warming = cluster.assignment.partitions.filter(
            (row, partition) =>
              (row.next === 'newcomer' || row.standby === 'newcomer') &&
              !cluster.view().isReady(partition, 'newcomer'),
          );
          assert.ok(warming.length <= cluster.settings.warmingMax, 'warms up too many at once');
        }
        const share = partitions / (nodes + 1);
        assert.ok(moves <= Math.ceil(share) + nodes, `${moves} moves for a share of ${share}`);
        if (share >= 2) assert.ok(cluster.ownersOf('newcomer') >= 1, 'nothing for the newcomer');
      }),
      runs,
    );
  });

  test('copies of those who were first go to those who come later, one at a time', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 12 }), fc.nat(), (nodes, seed) => {
        const cluster = new PaperCluster(nodes * 4, seed);
        cluster.addMany(2);
        cluster.settle();
        for (let node = 2; node < nodes; node++) {
          cluster.add(`n${node}`);
          for (let round = 0; round < 5; round++) cluster.step();
        }
        const bare = () =>
          cluster.assignment.partitions.filter(
            ({ standby, next }, partition) =>
              next === undefined && !cluster.view().isReady(partition, standby!),
          ).length;
        let rounds = 0;
        for (let quiet = 0; quiet <= cooldownRounds; rounds++) {
          const before = cluster.assignment;
          cluster.step();
          quiet = before === cluster.assignment ? quiet + 1 : 0;
          const isMoving = before.partitions.some(({ next }) => next !== undefined);
          if (!isMoving) assert.ok(bare() <= 1, 'several partitions have no copy');
          assert.ok(rounds < 1500, 'it comes to rest');
        }
        const copies = [...cluster.nodes.keys()].map(
          (nodeId) =>
            cluster.assignment.partitions.filter(({ standby }) => standby === nodeId).length,
        );
        const owned = [...cluster.nodes.keys()].map((nodeId) => cluster.ownersOf(nodeId));
        for (const [node, count] of copies.entries()) {
          // A mean node has four and four; a copy is half of what owning is.
          const load = owned[node]! + count / 2;
          assert.ok(load <= 7.5, `${load} of a mean of 6: ${owned} own, ${copies} copy`);
        }
      }),
      runs,
    );
  });

  test('loads measured with noise never make it flap', () => {
    fc.assert(
      fc.property(size, fc.constantFrom(0.05, 0.1, 0.2), ({ nodes, partitions, seed }, noise) => {
        const cluster = new PaperCluster(partitions, seed);
        cluster.addMany(nodes);
        cluster.settle();
        cluster.noise = noise;
        const seen = new Map<number, string[]>();
        const lastMove = new Map<number, number>();
        let moves = 0;
        let copied = 0;
        for (let round = 0; round < 500; round++) {
          const { partitions: before } = cluster.assignment;
          const changed = cluster.step();
          copied += cluster.assignment.partitions.filter(
            ({ standby }, partition) =>
              standby !== before[partition]!.standby && !changed.includes(partition),
          ).length;
          for (const partition of changed) {
            moves += 1;
            const since = cluster.round - (lastMove.get(partition) ?? -1000);
            assert.ok(since > cooldownRounds, 'moved again before it cooled down');
            lastMove.set(partition, cluster.round);
            const owners = seen.get(partition) ?? [];
            owners.push(cluster.assignment.partitions[partition]!.owner!);
            seen.set(partition, owners);
          }
        }
        assert.ok(moves <= 3, `${moves} moves for nothing in 500 rounds`);
        assert.ok(copied <= 3, `${copied} copies for nothing in 500 rounds`);
      }),
      runs,
    );
  });

  test('however loads jump, a partition that moved cools down before it moves again', () => {
    let moves = 0;
    fc.assert(
      fc.property(size, ({ nodes, partitions, seed }) => {
        const cluster = new PaperCluster(partitions, seed);
        cluster.addMany(nodes);
        cluster.settle();
        const lastMove = new Map<number, number>();
        for (let round = 0; round < 120; round++) {
          // The heavy half changes sides every few rounds.
          for (const partition of cluster.costs.keys()) {
            const isHeavy = cluster.ownersOf('n0') > 0 && (partition + (round >> 3)) % 2 === 0;
            cluster.costs[partition] = isHeavy ? 900 : 1;
          }
          for (const partition of cluster.step()) {
            moves += 1;
            const since = cluster.round - (lastMove.get(partition) ?? -1000);
            assert.ok(since > cooldownRounds, `moved again after ${since} rounds`);
            lastMove.set(partition, cluster.round);
          }
        }
      }),
      runs,
    );
    assert.ok(moves > 0, 'nothing moved at all');
  });
});
