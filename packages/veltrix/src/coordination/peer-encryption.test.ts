/* What nodes take is known to all that call them: of each member, as soon as it is there, and of one that changes its mind. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { noteEncryption, type PeerEncryption } from './peer-encryption.ts';
import { TestCluster } from './test-cluster.ts';

suite('encryption between nodes', () => {
  test('the document is as it was while nobody encrypts', () => {
    const cluster = new TestCluster(4, 1);
    cluster.encryptionOf = (nodeId) => (nodeId === 'n0' ? {} : { encryption: 'off' });
    cluster.startMany(2);
    cluster.runUntil(() => cluster.isWhole(), 15_000, 'a whole assignment');
    assert.equal(cluster.assignment!.encrypted, undefined);
  });

  test('it says of each member what it takes, also of one without partitions, and of older releases that they take none', () => {
    const cluster = new TestCluster(4, 1);
    const words: Record<string, PeerEncryption | undefined> = {
      ...{ n0: 'require', n1: 'accept', n2: 'off', n3: undefined, gate: 'accept' },
    };
    cluster.rolesOf = (nodeId) => (nodeId === 'gate' ? ['gateway'] : ['processor']);
    cluster.encryptionOf = (nodeId) => {
      const encryption = words[nodeId];
      return encryption === undefined ? {} : { encryption };
    };
    cluster.startMany(4);
    cluster.start('gate');
    cluster.runUntil(() => cluster.isWhole(), 15_000, 'a whole assignment');
    cluster.runFor(1_000);
    assert.deepEqual(cluster.assignment!.encrypted, {
      ...{ 'gate:1': true, 'n0:1': true, 'n1:1': true, 'n2:1': false, 'n3:1': false },
    });
  });

  test('of two members at one address both have to take it, in whichever order they are named', () => {
    const cluster = new TestCluster(4, 1);
    cluster.startMany(1);
    cluster.runUntil(() => cluster.isWhole(), 15_000, 'a whole assignment');
    const members: { address: string; encryption?: PeerEncryption }[] = [
      { address: 'b:1', encryption: 'require' },
      { address: 'a:1', encryption: 'accept' },
      { address: 'a:1', encryption: 'off' },
      { address: 'b:1', encryption: 'accept' },
      { address: 'c:1' },
      { address: 'c:1', encryption: 'accept' },
    ];
    for (const named of [members, members.toReversed()]) {
      const { encrypted } = noteEncryption(cluster.assignment!, named);
      assert.deepEqual(Object.entries(encrypted!), [
        ...[
          ['a:1', false],
          ['b:1', true],
          ['c:1', false],
        ],
      ]);
    }
  });

  test('a node that comes back with another word is written at once, and nothing once it stays', () => {
    const cluster = new TestCluster(4, 1);
    let encryption: PeerEncryption = 'off';
    cluster.encryptionOf = () => ({ encryption });
    cluster.startMany(3);
    cluster.runUntil(() => cluster.isWhole(), 15_000, 'a whole assignment');
    cluster.runFor(30_000);
    encryption = 'accept';
    cluster.node('n2').kill();
    cluster.runFor(10_000);
    cluster.start('n2');
    const isNoted = () => cluster.assignment!.encrypted?.['n2:1'] === true;
    assert.ok(cluster.runUntil(isNoted, 5_000, 'noted') < 1_000);
    assert.equal(cluster.assignment!.encrypted!['n1:1'], false);
    cluster.runFor(60_000);
    const { version } = cluster.assignment!;
    cluster.runFor(60_000);
    assert.equal(cluster.assignment!.version, version);
  });
});
