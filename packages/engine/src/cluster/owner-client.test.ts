import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from 'veltrix';
import type { OwnerAnswer, OwnerQuery } from './cluster-messages.ts';
import { OwnerClient } from './owner-client.ts';

const query: OwnerQuery = { ask: 'hunts', partition: 0, atLeast: 7 };
const never = new Promise<OwnerAnswer>(() => {});

/** A partition's copies, and how each of them answers. */
function copies(answers: Record<string, () => Promise<OwnerAnswer>>, local?: string) {
  const asked: string[] = [];
  const listeners: (() => void)[] = [];
  let nodes = Object.keys(answers);
  const ask = (node: string) => {
    asked.push(node);
    return answers[node]!();
  };
  const owners = new OwnerClient({
    board: {
      copiesOf: () => nodes.map((node) => ({ node, address: `${node}:1` })),
      onChange: (listener) => void listeners.push(listener),
    },
    client: { call: (address) => ask(address.split(':')[0]!) },
    clock: systemClock,
    ...(local && { local: { node: local, ask: () => ask(local) } }),
  });
  const move = (...to: string[]) => {
    nodes = to;
    for (const listener of listeners) listener();
  };
  return { owners, asked, move };
}

const answer = (value: unknown) => async () => ({ owns: true, value });
const refuses = async () => ({ owns: false });
const breaks = () => Promise.reject(new Error('no connection'));

test('both copies are asked, and one that knows too little passes the question on at once', async () => {
  const both = copies({ owner: answer('owner'), standby: answer('standby') });
  const answers = new Set<unknown>();
  while (answers.size < 2) answers.add(await both.owners.ask(query));
  const behind = copies({ owner: answer('owner'), standby: refuses });
  for (let time = 0; time < 20; time++) assert.equal(await behind.owners.ask(query), 'owner');
});

test('while the owner is away its standby answers, and the owner is hardly asked any more', async () => {
  const { owners, asked } = copies({ owner: breaks, standby: answer('standby') });
  for (let time = 0; time < 100; time++) assert.equal(await owners.ask(query), 'standby');
  const failed = asked.filter((node) => node === 'owner').length;
  assert.ok(failed <= 10, `${failed} times`);
});

test('a node that is left alone counts for as long as something of it is asked for', async () => {
  const { owners, move } = copies({ gone: breaks, other: answer('other'), third: answer('third') });
  move('gone');
  const asking = owners.ask(query);
  while (owners.ejectedNodes === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  move('gone', 'other');
  assert.equal(await asking, 'other');
  assert.equal(owners.ejectedNodes, 1);
  // It is dead, and its partitions went elsewhere: nobody will ever find that it is back.
  move('other', 'third');
  assert.equal(owners.ejectedNodes, 0);
});

test('a node that is silent is not waited for once the partition has moved on', async () => {
  const { owners, move } = copies({ frozen: () => never, other: answer('other') });
  move('frozen');
  const asking = owners.ask(query);
  setImmediate(() => move('other'));
  assert.equal(await asking, 'other');
});

test('processors of this node are asked without the network', async () => {
  const { owners, asked } = copies({ here: answer('here') }, 'here');
  assert.equal(await owners.ask(query), 'here');
  assert.deepEqual(asked, ['here']);
});

test('asks again while the partition is on its way, and the new owner once it has moved', async () => {
  let refusals = 0;
  const { owners, asked, move } = copies({
    a: async () => {
      refusals += 1;
      if (refusals === 3) move('b');
      return { owns: false };
    },
    b: answer(7),
  });
  move('a');
  assert.equal(await owners.ask(query), 7);
  assert.deepEqual(asked, ['a', 'a', 'a', 'b']);
});

test('names the partition and why when nobody has it', async () => {
  const { owners } = copies({ a: refuses });
  await assert.rejects(owners.ask(query), (error: { id?: string; message: string }) => {
    assert.equal(error.id, 'engine-cluster-owner-unavailable');
    assert.match(error.message, /a does not have it yet/);
    return true;
  });
});
