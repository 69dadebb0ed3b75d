import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { huntProgram, runHunt } from '../testing/hunt-process.ts';
import { onPath } from '../testing/on-path.ts';

/*
 * A real process whose machine fails it: no byte can be written any more, or no file be opened. What can
 * be served is, health says why the rest is not, and a restart has all that was acknowledged.
 */
const skip = !onPath('prlimit') && 'needs: prlimit';
const hunt = '/v1/hunts/city-lights';

let root: string;
before(() => {
  root = mkdtempSync(path.join(tmpdir(), 'hunt-failing-'));
});
after(() => rmSync(root, { recursive: true, force: true }));

interface Answer {
  readonly status: number;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read what the API says
  readonly body: any;
}

interface CallOptions {
  readonly token?: string;
  readonly key?: string;
  readonly body?: object;
  readonly agent?: Agent;
}

class Served {
  readonly child: ChildProcess;
  readonly url: string;
  readonly ended: Promise<unknown[]>;

  constructor(child: ChildProcess, url: string) {
    this.child = child;
    this.url = url;
    this.ended = once(child, 'close');
  }

  /** Over a connection of its own unless an agent keeps one. Status 0 when there is no answer. */
  call(method: string, where: string, options: CallOptions = {}): Promise<Answer> {
    const headers = {
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      ...(options.key === undefined ? {} : { 'idempotency-key': options.key }),
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const { agent = false } = options;
    return new Promise((resolve) => {
      const sent = request(this.url + where, { method, headers, agent }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part) => {
          text += part;
        });
        response.on('end', () => {
          const body = /json/.test(response.headers['content-type'] ?? '') ? JSON.parse(text) : {};
          resolve({ status: response.statusCode!, text, body });
        });
      });
      sent.on('error', () => resolve({ status: 0, text: '', body: {} }));
      sent.end(options.body === undefined ? undefined : JSON.stringify(options.body));
    });
  }

  async join(name: string, agent?: Agent): Promise<Answer> {
    const body = { name: 'Ann', team: { name } };
    return this.call('POST', `${hunt}/players`, { body, ...(agent ? { agent } : {}) });
  }

  answer(token: string, key: string, agent?: Agent): Promise<Answer> {
    const body = { type: 'submit-answer', step: 'gate', answer: 'nothing like it' };
    const options = { token, key, body, ...(agent ? { agent } : {}) };
    return this.call('POST', `${hunt}/commands`, options);
  }

  limit(what: string): void {
    execFileSync('prlimit', ['--pid', String(this.child.pid), what]);
  }

  async stop(): Promise<unknown> {
    this.child.kill('SIGTERM');
    return (await this.ended)[0];
  }
}

/** `hunt serve` on the directory, once it is ready; in a shell where `before` was said. */
async function serve(t: TestContext, data: string, before = ':'): Promise<Served> {
  const flags = ['serve', '--data', data, '--port', '0', '--json', '--log', 'info'];
  const command = [process.execPath, huntProgram, ...flags];
  // Its lines go to a file on the same disk, as they often do.
  const lines = openSync(path.join(root, 'serve.log'), 'a');
  const child = spawn('sh', ['-c', `${before}; exec "$@"`, 'sh', ...command], {
    stdio: ['ignore', 'pipe', lines],
  });
  closeSync(lines);
  t.after(() => child.kill('SIGKILL'));
  let output = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout!.setEncoding('utf8').on('data', (part) => {
      output += part;
      if (output.startsWith('{"url"') && output.includes('\n')) resolve();
    });
    child.once('close', (code) => reject(new Error(`it ended with ${code}: ${output}`)));
  });
  const served = new Served(child, JSON.parse(output.slice(0, output.indexOf('\n'))).url);
  await until(async () => (await served.call('GET', '/readyz')).status === 200);
  return served;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await condition())) {
    assert.ok(Date.now() < deadline, `not in time: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function verified(data: string): Promise<{ violations: number; undecided: number }> {
  const { output } = await runHunt(['verify', '--data', data, '--json']);
  return JSON.parse(output);
}

/** Nothing of the machine: no path, no stack, no words of the operating system. */
function assertTellsNothing({ text }: Answer): void {
  assert.doesNotMatch(text, /\/tmp|\.ts|\.seg|\.db|EFBIG|EMFILE|ENOSPC|\bat \S+:\d/);
}

test('when nothing can be written: reads go on, health says why, a restart has it all', {
  skip,
}, async (t) => {
  const data = path.join(root, 'full');
  let served = await serve(t, data);
  const { token } = (await served.join('Early')).body;
  const acknowledged = await served.answer(token, 'first');
  assert.equal(acknowledged.body.outcome, 'wrong');

  served.limit('--fsize=0:');
  const failed = await served.answer(token, 'second');
  assert.deepEqual([failed.status, failed.body.code], [503, 'veltrix-partition-stopped']);
  const refused = await served.answer(token, 'third');
  assert.deepEqual([refused.status, refused.body.code], [503, 'veltrix-partition-stopped']);
  const join = await served.join('Late');
  assert.deepEqual([join.status, join.body.code], [503, 'engine-store-failed']);
  const ready = await served.call('GET', '/readyz');
  assert.deepEqual([ready.status, ready.body.code], [503, 'veltrix-partition-stopped']);
  for (const answer of [failed, refused, join, ready]) assertTellsNothing(answer);
  const health = await served.call('GET', '/healthz');
  assert.deepEqual(health.body, {
    status: 'impaired',
    impairments: [{ id: 'veltrix-log-io-failed', partition: 0 }],
  });
  for (const where of ['/v1/hunts', hunt, `${hunt}/standings`, '/metrics']) {
    assert.equal((await served.call('GET', where)).status, 200, where);
  }
  // What the partition decided last never became durable, and it cannot tell that apart.
  const me = await served.call('GET', `${hunt}/me`, { token });
  assert.deepEqual([me.status, me.body.code], [503, 'veltrix-partition-stopped']);
  assertTellsNothing(me);
  assert.equal(await served.stop(), 74);
  assert.equal((await verified(data)).violations, 0);

  served = await serve(t, data);
  const again = await served.answer(token, 'first');
  assert.deepEqual(again.body, { ...acknowledged.body, repeated: true });
  // Nobody was told what became of it, so it may be either way; but once it is decided, once.
  const second = await served.answer(token, 'second');
  const code = second.body.code ?? second.body.outcome;
  assert.ok(['wrong', 'rules-step-cooling-down'].includes(code), code);
  assert.equal((await served.join('Late')).status, 201);
  assert.equal(await served.stop(), 0);
  const { violations, undecided } = await verified(data);
  assert.deepEqual([violations, undecided], [0, 0]);
});

test('a start without room refuses with the error of the log, and leaves what is there', {
  skip,
}, async (t) => {
  const data = path.join(root, 'no-room');
  const start = serve(t, data, 'ulimit -f 100');
  await assert.rejects(start, /ended with 74: .*"id":"veltrix-log-io-failed"/s);
  const served = await serve(t, data);
  const { token } = (await served.join('Early')).body;
  assert.equal((await served.answer(token, 'first')).body.outcome, 'wrong');
  assert.equal(await served.stop(), 0);
});

test('hundreds of connections and few descriptors: the rest is told so, and commands are decided', {
  skip,
}, async (t) => {
  const data = path.join(root, 'descriptors');
  const served = await serve(t, data, 'ulimit -n 150');
  const kept = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => kept.destroy());
  const { token } = (await served.join('Early', kept)).body;
  const crowd = Array.from({ length: 400 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  t.after(() => {
    for (const agent of crowd) agent.destroy();
  });
  const answers = await Promise.all(
    crowd.map((agent) => served.call('GET', `${hunt}/standings`, { agent })),
  );
  const statuses = new Set(answers.map(({ status }) => status));
  assert.ok(statuses.has(200) && statuses.has(503), [...statuses].join());
  // What is beyond those that can be told is closed without a word.
  assert.deepEqual(
    [...statuses].filter((status) => ![0, 200, 503].includes(status)),
    [],
  );
  for (const { status, body } of answers) {
    if (status === 503) assert.equal(body.code, 'engine-connections-full');
  }
  assert.equal((await served.answer(token, 'first', kept)).body.outcome, 'wrong');
  for (const agent of crowd) agent.destroy();
  await until(async () => (await served.call('GET', '/healthz')).body.status === 'alive');
  assert.equal(await served.stop(), 0);
  assert.equal((await verified(data)).violations, 0);
});

test('without any descriptor left the process lives, and serves who is connected', {
  skip,
}, async (t) => {
  const data = path.join(root, 'none');
  const served = await serve(t, data);
  const kept = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => kept.destroy());
  const { token } = (await served.join('Early', kept)).body;
  const descriptors = readdirSync(`/proc/${served.child.pid}/fd`).map(Number);
  const limits = readFileSync(`/proc/${served.child.pid}/limits`, 'utf8');
  let limit = 0;
  for (let free = 0; free < 4; limit++) if (!descriptors.includes(limit)) free += 1;
  served.limit(`--nofile=${limit}:`);
  const crowd = Array.from({ length: 50 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  t.after(() => {
    for (const agent of crowd) agent.destroy();
  });
  const statuses = await Promise.all(
    crowd.map(async (agent) => (await served.call('GET', '/healthz', { agent })).status),
  );
  assert.ok(statuses.includes(0), 'not every connection can be accepted');
  const first = await served.answer(token, 'first', kept);
  assert.equal(first.body.outcome, 'wrong', `${first.status} ${first.text}`);
  assert.equal((await served.call('GET', `${hunt}/standings`, { agent: kept })).status, 200);
  for (const agent of crowd) agent.destroy();
  served.limit(`--nofile=${/^Max open files +\d+ +(\d+)/m.exec(limits)![1]}:`);
  await until(async () => (await served.call('GET', '/healthz')).status === 200);
  assert.equal(await served.stop(), 0);
  assert.equal((await verified(data)).violations, 0);
});
