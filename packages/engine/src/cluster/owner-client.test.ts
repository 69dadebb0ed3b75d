import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { systemClock } from 'veltrix';
import type { AssignmentBoard } from 'veltrix/cluster';
import type { OwnerAnswer } from './cluster-messages.ts';
import type { InternalClient } from './internal-client.ts';
import { OwnerClient } from './owner-client.ts';

/** Which node owns the only partition, as the test says; and what nodes answer, each in its turn. */
class Cluster {
  owner = 'a';
  readonly asked: string[] = [];
  readonly answers = new Map<string, () => Promise<OwnerAnswer>>();
  readonly #listeners: (() => void)[] = [];

  client(): OwnerClient {
    const board = {
      onChange: (listener: () => void) => this.#listeners.push(listener),
      ownerOf: () => ({ node: this.owner, address: this.owner }),
    };
    const call = (address: string) => {
      this.asked.push(address);
      return this.answers.get(address)!();
    };
    return new OwnerClient({
      ...{ board: board as unknown as AssignmentBoard, clock: systemClock },
      client: { call } as unknown as InternalClient,
    });
  }

  move(to: string): void {
    this.owner = to;
    for (const listener of this.#listeners) listener();
  }
}

const query = { ask: 'hunts', partition: 0 } as const;

suite('the owner client', () => {
  test('asks again while the partition is on its way, and the new owner once it has moved', async () => {
    const cluster = new Cluster();
    let refusals = 0;
    cluster.answers.set('a', async () => {
      refusals += 1;
      if (refusals === 3) cluster.move('b');
      return { owns: false };
    });
    cluster.answers.set('b', async () => ({ owns: true, value: 7 }));
    assert.equal(await cluster.client().ask(query), 7);
    assert.deepEqual(cluster.asked, ['a', 'a', 'a', 'b']);
  });

  test('does not wait for an owner that is silent once another one has the partition', async () => {
    const cluster = new Cluster();
    cluster.answers.set('a', () => new Promise(() => {}));
    cluster.answers.set('b', async () => ({ owns: true }));
    const answer = cluster.client().ask(query);
    cluster.move('b');
    assert.equal(await answer, undefined);
  });

  test('names the partition and why when nobody has it', async () => {
    const cluster = new Cluster();
    cluster.answers.set('a', async () => ({ owns: false }));
    await assert.rejects(cluster.client().ask(query), (error: { id?: string; message: string }) => {
      assert.equal(error.id, 'engine-cluster-owner-unavailable');
      assert.match(error.message, /a does not have it yet/);
      return true;
    });
  });
});
