/* What becomes of questions to which a thread gives no answer in time, or none any more. */
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { Deadline } from 'veltrix/resilience';
import { BatchBuffers } from './batch-buffers.ts';
import { ProcessorThread } from './processor-thread.ts';
import { RecordClaims } from './record-claims.ts';
import type { FromProcessors, ToProcessors } from './worker-messages.ts';

const ofTeam = { ask: 'team', huntId: 'a', teamId: 'b' } as const;

/** A thread that hears everything and says what the test says. */
class QuietThread extends EventEmitter {
  readonly heard: ToProcessors[] = [];

  postMessage(message: ToProcessors): void {
    this.heard.push(message);
  }

  say(message: FromProcessors): void {
    this.emit('message', message);
  }
}

function setUp() {
  const worker = new QuietThread();
  const unused = () => assert.fail('nothing is decided here');
  const ready = {
    ...{ partitionCount: 1, logId: '', partitions: [0], seeds: [], status: [] },
    kind: 'ready' as const,
  };
  const thread = new ProcessorThread(
    {
      ...{ worker: worker as unknown as Worker, claims: new RecordClaims(), ready },
      ...{ damage: [], board: undefined },
    },
    new BatchBuffers(),
    { decided: unused, refused: unused, stopped: unused, spans: unused, faulted: unused },
  );
  return { worker, thread };
}

test('a question ends at its deadline, and the thread hears that nobody waits', async () => {
  const { worker, thread } = setUp();
  await assert.rejects(thread.ask(ofTeam, Deadline.after(20)), { id: 'engine-deadline-passed' });
  assert.deepEqual(worker.heard, [
    { kind: 'query', number: 1, query: ofTeam },
    { kind: 'forget', number: 1 },
  ]);
  worker.say({ kind: 'answer', number: 1, answer: 'too late' });
});

test('a question that is answered in time is not given up', async () => {
  const { worker, thread } = setUp();
  const deadline = Deadline.after(20);
  const asked = thread.ask(ofTeam, deadline);
  worker.say({ kind: 'answer', number: 1, answer: 'here' });
  assert.equal(await asked, 'here');
  await new Promise((resolve) => setTimeout(resolve, deadline.remainingMs + 10));
  assert.deepEqual(worker.heard.slice(1), []);
});

test('who waits for a team when the thread ends hears that it has, not that there is no such team', async () => {
  const { worker, thread } = setUp();
  const team = thread.ask(ofTeam, Deadline.after(60_000));
  const status = thread.ask({ ask: 'status' });
  worker.emit('exit');
  await assert.rejects(team, { id: 'veltrix-partition-stopped' });
  assert.equal(await status, undefined);
});
