import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { engineErrors } from '../errors.ts';
import { testIdentityContract } from '../identity/identity.contract.ts';
import { SqliteIdentity } from '../identity/sqlite/sqlite-identity.ts';
import { InternalClient } from './internal-client.ts';
import { InternalServer } from './internal-server.ts';
import { identityHandler, RemoteIdentity } from './remote-identity.ts';
import { freeAddress } from './testing/free-address.ts';

const key = Buffer.alloc(32, 7);

async function served(test: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'hunt-remote-identity-'));
  test.after(() => rmSync(directory, { recursive: true, force: true }));
  const kept = new SqliteIdentity({ path: join(directory, 'identity.db') });
  test.after(() => kept.close());
  const address = await freeAddress();
  const handlers = { identity: identityHandler(kept) };
  const server = await InternalServer.listen({ address, key, handlers });
  test.after(() => server.close());
  const client = new InternalClient(key);
  test.after(() => client.close());
  const reopen = () => new RemoteIdentity(client, address);
  return { identity: reopen(), reopen, kept, server };
}

const reason =
  'organiser keys are made where the identity is kept, and closing closes nothing there';
testIdentityContract('RemoteIdentity', served, {
  skip: [
    { test: 'knows organiser keys by what they may do', reason },
    { test: 'still knows everything when it is opened again', reason },
    {
      test: 'keeps what was asked for just before it is closed, and refuses what comes after',
      reason,
    },
  ],
});

test('keys that were made on the node are known from afar; without it everything is refused by name', async (t) => {
  const { identity, kept, server } = await served(t);
  const organiser = await kept.createOrganiserKey('desk', ['record']);
  assert.deepEqual(await identity.organiserScopes(organiser), ['record']);
  const unavailable = { id: 'engine-cluster-identity-unavailable' };
  await assert.rejects(identity.createOrganiserKey(), unavailable);
  await server.close();
  await assert.rejects(identity.createSoloPlayer('00000000000000a1', 'Ada'), unavailable);
});

test('a node that keeps identity and does not answer is not asked by everybody', async () => {
  let calls = 0;
  const call = () => {
    calls += 1;
    return Promise.reject(new Error('no answer within two seconds'));
  };
  const identity = new RemoteIdentity({ call }, 'there:1');
  const reasons: string[] = [];
  for (let time = 0; time < 50; time++) {
    const joining = identity.createSoloPlayer('a', 'Ada');
    await assert.rejects(joining, (error: Error & { id?: string }) => {
      reasons.push(error.message);
      return error.id === 'engine-cluster-identity-unavailable';
    });
  }
  assert.ok(calls <= 5, `${calls} calls`);
  assert.match(reasons.at(-1)!, /asked again in \d+ ms/);
});

test('what the other node refuses is an answer', async () => {
  let calls = 0;
  const refusal = engineErrors.create('engine-overloaded', {});
  const call = () => {
    calls += 1;
    return Promise.reject(refusal);
  };
  const identity = new RemoteIdentity({ call }, 'there:1');
  for (let time = 0; time < 10; time++) {
    await assert.rejects(identity.createSoloPlayer('a', 'Ada'), { id: refusal.id });
  }
  assert.equal(calls, 10);
});

test('an id that nobody wants is not sent: it would arrive as null', async () => {
  const sent: unknown[] = [];
  const call = async (_address: string, _name: string, question: unknown) => {
    sent.push((question as { readonly values: unknown }).values);
  };
  const identity = new RemoteIdentity({ call }, 'there:1');
  await identity.createPlayer('a', 'Ada', 't');
  await identity.createPlayer('a', 'Ada', 't', 'p');
  await identity.createSoloPlayer('a', 'Ada');
  await identity.teamNamed('a', 'Owls');
  assert.deepEqual(sent, [
    ['a', 'Ada', 't'],
    ['a', 'Ada', 't', 'p'],
    ['a', 'Ada'],
    ['a', 'Owls'],
  ]);
});
