import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { clusterRequestsKey, encodeRequests } from './cluster-requests.ts';
import { TestCluster } from './test-cluster.ts';

suite('the coordinator role', () => {
  test('nodes that start together share the partitions evenly, without moving any', () => {
    const cluster = new TestCluster(12, 1);
    const nodes = cluster.startMany(3);
    cluster.runUntil(() => cluster.isWhole(), 15_000, 'a whole assignment');
    for (const { nodeId } of nodes) assert.equal(cluster.ownersOf(nodeId).length, 4);
    cluster.runFor(60_000);
    const moves = nodes.flatMap((node) => node.changes).filter(({ reason }) => reason !== 'first');
    assert.deepEqual(moves, []);
    assert.equal(nodes.filter((node) => node.role.isLeader).length, 1);
  });

  test('nodes that start one after another find an even assignment too', () => {
    const cluster = new TestCluster(12, 1);
    for (let node = 0; node < 3; node++) {
      cluster.start(`n${node}`);
      cluster.runFor(900);
    }
    cluster.runFor(60_000);
    const changes = [...cluster.nodes.values()].flatMap((node) => node.changes);
    assert.deepEqual([...new Set(changes.map(({ reason }) => reason))], ['first']);
  });

  for (const victim of ['leader', 'follower'] as const) {
    test(`a ${victim} that is killed is replaced by its standbys as soon as its session is over`, () => {
      for (let seed = 1; seed <= 10; seed++) {
        const cluster = new TestCluster(8, seed);
        cluster.startMany(4);
        cluster.runUntil(() => cluster.isWhole(), 15_000, 'a whole assignment');
        cluster.runFor(30_000);
        const { leader } = cluster;
        const dying =
          victim === 'leader'
            ? leader!
            : [...cluster.nodes.values()].find((node) => node !== leader)!;
        const before = cluster.assignment!.partitions;
        const lost = cluster.ownersOf(dying.nodeId);
        assert.ok(lost.length > 0);
        dying.kill();
        const took = cluster.runUntil(
          () => cluster.ownersOf(dying.nodeId).length === 0,
          6_000,
          'failing over',
        );
        // The service looks for silent sessions five times a second; the rest is messages.
        assert.ok(took <= 4_000 + 200 + 100, `${took} ms`);
        for (const partition of lost) {
          assert.equal(
            cluster.assignment!.partitions[partition]!.owner,
            before[partition]!.standby,
          );
        }
      }
    });
  }

  for (const victim of ['leader', 'follower'] as const) {
    test(`a ${victim} whose process is seen to die is replaced at once, and named`, () => {
      for (let seed = 1; seed <= 10; seed++) {
        const cluster = new TestCluster(8, seed);
        cluster.hasLifelines = true;
        cluster.startMany(4);
        cluster.runUntil(() => cluster.isWhole(), 15_000, 'a whole assignment');
        cluster.runFor(30_000);
        const { leader } = cluster;
        const others = [...cluster.nodes.values()].filter((node) => node !== leader);
        const dying = victim === 'leader' ? leader! : others[0]!;
        const before = cluster.assignment!.partitions;
        const lost = cluster.ownersOf(dying.nodeId);
        dying.kill();
        const took = cluster.runUntil(
          () => cluster.ownersOf(dying.nodeId).length === 0,
          6_000,
          'failing over',
        );
        assert.ok(took <= 600, `${took} ms`);
        for (const partition of lost) {
          const { owner } = cluster.assignment!.partitions[partition]!;
          assert.equal(owner, before[partition]!.standby);
        }
        const { problems } = cluster.leader!;
        assert.deepEqual(problems, ['veltrix-node-not-responsive']);
        cluster.runFor(30_000);
        cluster.start(dying.nodeId);
        cluster.runUntil(() => cluster.ownersOf(dying.nodeId).length > 0, 200_000, 'its return');
      }
    });
  }

  test('a node that was taken for dead by mistake is trusted again once it goes on reporting', () => {
    const cluster = new TestCluster(8, 3);
    cluster.hasLifelines = true;
    cluster.startMany(4);
    cluster.runFor(40_000);
    const { leader } = cluster;
    const accused = [...cluster.nodes.values()].find((node) => node !== leader)!;
    cluster.broke(`${accused.nodeId}:1`);
    cluster.runUntil(() => cluster.ownersOf(accused.nodeId).length === 0, 2_000, 'failing over');
    cluster.runUntil(() => cluster.ownersOf(accused.nodeId).length > 0, 200_000, 'its return');
    cluster.broke(`${leader!.nodeId}:1`);
    cluster.runFor(20_000);
    assert.equal([...cluster.nodes.values()].filter(({ role }) => role.isLeader).length, 1);
    assert.ok(cluster.isWhole());
  });

  test('when the one node that has all partitions dies, nobody waits for the others to come back', () => {
    const cluster = new TestCluster(4, 12);
    const first = cluster.start('n0');
    cluster.runUntil(() => cluster.ownersOf('n0').length === 4, 15_000, 'it has all');
    const second = cluster.start('n1');
    cluster.runUntil(() => cluster.isWhole(), 15_000, 'standbys');
    assert.equal(cluster.ownersOf('n0').length, 4);
    first.kill();
    cluster.runUntil(() => cluster.ownersOf('n1').length === 4, 4_300, 'failing over');
    assert.ok(second.role.isLeader);
  });

  test('owners on several nodes that hand over in the same moment do not get in each other’s way', () => {
    const cluster = new TestCluster(16, 13);
    cluster.startMany(4);
    cluster.runFor(40_000);
    const { leader } = cluster;
    const [one, other] = [...cluster.nodes.values()].filter((node) => node !== leader);
    one!.isDraining = true;
    other!.isDraining = true;
    const owned = () =>
      cluster.ownersOf(one!.nodeId).length + cluster.ownersOf(other!.nodeId).length;
    cluster.runUntil(() => owned() === 0, 5_000, 'handing over');
    const made = leader!.changes.filter(({ step, reason }) => step === 'made' && reason === 'move');
    assert.deepEqual(made, [], 'nobody was passed over');
  });

  test('a node that drains is empty soon, step by step, and its partitions move once', () => {
    const cluster = new TestCluster(9, 2);
    cluster.startMany(3);
    cluster.runFor(40_000);
    const { leader } = cluster;
    cluster.node('n1').isDraining = true;
    cluster.runUntil(() => cluster.ownersOf('n1').length === 0, 30_000, 'draining');
    const drained = leader!.changes.filter(
      ({ reason, step }) => reason === 'drain' && step === 'made',
    );
    assert.equal(new Set(drained.map(({ partition }) => partition)).size, drained.length);
    cluster.node('n1').isDraining = false;
    cluster.runUntil(() => cluster.ownersOf('n1').length >= 2, 120_000, 'coming back');
  });

  test('an owner hands over within a moment of being asked, and one that does not is passed over', () => {
    for (const isClinging of [false, true]) {
      const cluster = new TestCluster(6, 11);
      cluster.startMany(3);
      cluster.runFor(40_000);
      const { leader } = cluster;
      const node = [...cluster.nodes.values()].find((one) => one !== leader)!;
      node.isClinging = isClinging;
      const owned = cluster.ownersOf(node.nodeId);
      const { partitions: before } = cluster.assignment!;
      node.isDraining = true;
      const isAsked = () =>
        owned.some((partition) => cluster.assignment!.partitions[partition]!.isHandingOver);
      cluster.runUntil(isAsked, 2_000, 'being asked');
      const took = cluster.runUntil(
        () => cluster.ownersOf(node.nodeId).length === 0,
        10_000,
        'handing over',
      );
      if (isClinging) assert.ok(took >= 1_500 && took <= 3_500, `${took} ms`);
      else assert.ok(took <= 500, `${took} ms`);
      for (const partition of owned) {
        const { owner, epoch } = cluster.assignment!.partitions[partition]!;
        assert.equal(owner, before[partition]!.standby);
        assert.equal(epoch, before[partition]!.epoch + 1);
      }
      cluster.runFor(1_000);
      const made = leader!.changes.filter(
        ({ step, from }) => step === 'made' && from === node.nodeId,
      );
      assert.deepEqual(
        made.map(({ reason }) => reason),
        owned.map(() => (isClinging ? 'move' : 'drain')),
      );
    }
  });

  test('operators drain nodes and place partitions through the configuration', () => {
    const cluster = new TestCluster(6, 3);
    cluster.startMany(3);
    cluster.runFor(40_000);
    const partition = cluster.ownersOf('n0')[0]!;
    const { config } = cluster.openOperator();
    const ask = (value: string, basedOn: number) =>
      config.write({ key: clusterRequestsKey, value, basedOn, by: 'ada', why: 'test' }, (error) =>
        assert.ifError(error),
      );
    cluster.runFor(1_000);
    ask(encodeRequests({ drain: [], pins: new Map([[partition, 'n2']]), rebalance: false }), 0);
    cluster.runUntil(() => cluster.ownersOf('n2').includes(partition), 20_000, 'the move');
    ask(encodeRequests({ drain: ['n1'], pins: new Map([[partition, 'n2']]), rebalance: false }), 1);
    cluster.runUntil(() => cluster.ownersOf('n1').length === 0, 30_000, 'draining');
    ask('drain everything!', 2);
    cluster.runFor(5_000);
    const problems = [...cluster.nodes.values()].flatMap((node) => node.problems);
    assert.ok(problems.includes('veltrix-coordination-damaged'));
    assert.equal(cluster.ownersOf('n1').length, 0, 'the last good wish stands');
  });

  test('a node that is alive but stuck loses the stuck partition only, and is named; a mute one loses all', () => {
    const cluster = new TestCluster(6, 4);
    cluster.startMany(3);
    cluster.runFor(60_000);
    const { leader } = cluster;
    const victim = [...cluster.nodes.values()].find((node) => node !== leader)!;
    const [stuck, ...others] = cluster.ownersOf(victim.nodeId);
    victim.stuck.add(stuck!);
    cluster.runUntil(() => !cluster.ownersOf(victim.nodeId).includes(stuck!), 12_000, 'the rescue');
    assert.deepEqual(leader!.problems, ['veltrix-partition-stuck']);
    const rest = cluster.ownersOf(victim.nodeId);
    assert.ok(others.every((partition) => rest.includes(partition)));
    victim.isMute = true;
    cluster.runUntil(() => cluster.ownersOf(victim.nodeId).length === 0, 8_000, 'the mute one');
    assert.deepEqual(leader!.problems, ['veltrix-partition-stuck', 'veltrix-node-not-responsive']);
    victim.stuck.clear();
    victim.isMute = false;
    cluster.runUntil(() => cluster.ownersOf(victim.nodeId).length > 0, 200_000, 'its return');
  });

  test('a leader that was frozen accuses nobody when it wakes, and what it writes then is refused', () => {
    for (const frozenMs of [3_000, 20_000]) {
      const cluster = new TestCluster(6, 5);
      cluster.startMany(3);
      cluster.runFor(40_000);
      const first = cluster.leader!;
      first.clock.freeze();
      cluster.runFor(frozenMs);
      first.clock.wake();
      cluster.runFor(20_000);
      assert.ok(!first.problems.includes('veltrix-node-not-responsive'), `${first.problems}`);
      assert.equal([...cluster.nodes.values()].filter((node) => node.role.isLeader).length, 1);
      assert.ok(cluster.isWhole());
    }
  });

  test('when the service was away and all sessions ended, nothing moves', () => {
    const cluster = new TestCluster(6, 6);
    const nodes = cluster.startMany(3);
    cluster.runFor(40_000);
    const before = cluster.assignment!.partitions.map((row) => row.owner);
    for (const { nodeId } of nodes) cluster.service.expire(nodeId);
    cluster.runFor(20_000);
    cluster.service.setDown(true);
    cluster.runFor(30_000);
    cluster.service.setDown(false);
    cluster.runFor(30_000);
    assert.deepEqual(
      cluster.assignment!.partitions.map((row) => row.owner),
      before,
    );
  });

  test('when most nodes are out of touch for a moment, they are waited for; when they stay away, others take over', () => {
    const cluster = new TestCluster(9, 9);
    cluster.startMany(3);
    cluster.runFor(40_000);
    const before = cluster.assignment!.partitions.map((row) => row.owner);
    const { leader } = cluster;
    const others = [...cluster.nodes.values()].filter((node) => node !== leader);
    const loseOthers = () => {
      for (const { nodeId } of others) {
        cluster.service.cut(nodeId, 'both');
        cluster.service.expire(nodeId);
      }
    };
    loseOthers();
    cluster.runFor(1_500);
    for (const { nodeId } of others) cluster.service.heal(nodeId);
    cluster.runFor(20_000);
    const owners = () => cluster.assignment!.partitions.map((row) => row.owner);
    assert.deepEqual(owners(), before);
    loseOthers();
    cluster.runUntil(
      () => owners().every((owner) => owner === leader!.nodeId),
      9_000,
      'the leader takes all',
    );
  });

  test('a short silence of the service is held against nobody', () => {
    const cluster = new TestCluster(6, 10);
    cluster.startMany(3);
    cluster.runFor(40_000);
    const { version } = cluster.assignment!;
    for (const silenceMs of [1_000, 2_500, 3_400, 3_900]) {
      cluster.service.setDown(true);
      cluster.runFor(silenceMs);
      cluster.service.setDown(false);
      cluster.runFor(10_000);
    }
    const problems = [...cluster.nodes.values()].flatMap((node) => node.problems);
    assert.deepEqual(problems, []);
    assert.equal(cluster.assignment!.version, version);
  });

  test('an assignment that was removed by hand comes again with higher epochs', () => {
    const cluster = new TestCluster(4, 7);
    cluster.startMany(2);
    cluster.runFor(30_000);
    const before = cluster.assignment!.partitions.map((row) => row.epoch);
    // The nodes would take the older versions for a step back: they forget, as if started anew.
    for (const node of cluster.nodes.values()) node.assignment = undefined;
    cluster.service.edit('/assignment', undefined);
    cluster.runUntil(() => cluster.isWhole(), 15_000, 'the next assignment');
    for (const [partition, { epoch }] of cluster.assignment!.partitions.entries()) {
      assert.ok(epoch > before[partition]!);
    }
  });

  test('through faults of all kinds epochs only grow, and once all is well every partition is owned and it rests', () => {
    for (let seed = 1; seed <= 25; seed++) {
      const cluster = new TestCluster(10, seed);
      cluster.startMany(5);
      Object.assign(cluster.service.faults, {
        delayMaxMs: 100,
        watchLossChance: 0.1,
        watchDelayMaxMs: 500,
        answerLossChance: 0.03,
      });
      const { random, service } = cluster;
      for (let step = 0; step < 40; step++) {
        cluster.runFor(random.between(100, 6_000));
        const nodeId = `n${random.between(0, 4)}`;
        const node = cluster.node(nodeId);
        switch (random.between(0, 7)) {
          case 0:
            node.kill();
            break;
          case 1:
            if (!node.isAlive) cluster.start(nodeId);
            break;
          case 2:
            node.clock.freeze();
            break;
          case 3:
            node.clock.wake();
            break;
          case 4:
            service.cut(nodeId, random.pick(['both', 'to-service', 'from-service']));
            break;
          case 5:
            service.heal(nodeId);
            break;
          case 6:
            service.expire(nodeId);
            break;
          case 7:
            service.setDown(random.chance(0.3));
            break;
        }
      }
      service.setDown(false);
      Object.assign(service.faults, { watchLossChance: 0, answerLossChance: 0 });
      for (const nodeId of [...cluster.nodes.keys()]) {
        service.heal(nodeId);
        cluster.node(nodeId).clock.wake();
        if (!cluster.node(nodeId).isAlive) cluster.start(nodeId);
      }
      cluster.runUntil(() => cluster.isWhole(), 120_000, `seed ${seed}: whole again`);
      cluster.runFor(300_000);
      const { version } = cluster.assignment!;
      cluster.runFor(60_000);
      assert.equal(cluster.assignment!.version, version, `seed ${seed}: it never rests`);
      assert.equal([...cluster.nodes.values()].filter(({ role }) => role.isLeader).length, 1);
    }
  });
});
