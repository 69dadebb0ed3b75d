/*
 * The steps of docs/security.md: the nodes of a running cluster begin to encrypt, and stop to, by being started anew one
 * after the other, at the addresses that they had. Players go on meanwhile; their commands are decided and their progress
 * is read from the nodes that own it. What nodes ask each other is counted by those that are asked.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { get as getPlain } from 'node:http';
import { get as getSecure } from 'node:https';
import path from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createPlayerClient, type PlayerClient } from '@hunt/sdk';
import { type Certificates, makeCertificates, whyNoCertificates } from '@hunt/services';
import { parse } from 'yaml';
import { freePort } from '../testing/cluster-process.ts';
import { huntInProcess } from '../testing/hunt-in-process.ts';
import { ProcessorCluster, whyNoProcessors } from '../testing/processor-cluster.ts';
import { sampleHuntFile } from '../testing/sample-hunt.ts';

const page = path.resolve(import.meta.dirname, '../../../../docs/security.md');
const partitions = 4;
const teams = 4;
const pauseMs = 100;
const deadlineMs = 90_000;

type Mode = 'off' | 'accept' | 'require';
type Node = Awaited<ReturnType<ProcessorCluster['node']>>;

suite('a running cluster whose nodes begin to encrypt', {
  skip: whyNoProcessors ?? whyNoCertificates(),
  timeout: 900_000,
}, () => {
  let made: Certificates;
  let cluster: ProcessorCluster;
  /** By mode. */
  const files = new Map<Mode, string>();
  const addresses = new Map<string, string>();
  const nodes = new Map<string, Node>();

  before(
    async () => {
      made = makeCertificates();
      cluster = await ProcessorCluster.start(partitions);
      for (const name of ['left', 'right', 'gate']) {
        addresses.set(name, `127.0.0.1:${await freePort()}`);
      }
      const shown = shownAccept();
      const { ca, server } = made;
      const tls = { ca: ca.certFile, cert: server.certFile, key: `file:${server.keyFile}` };
      const identity = { address: addresses.get('gate') };
      const write = (mode: Mode, section: object) =>
        files.set(mode, cluster.writeFile(`${mode}.yaml`, { partitions, identity, ...section }));
      write('off', {});
      write('accept', { nodes: { tls: { ...shown, ...tls } } });
      write('require', { nodes: { tls: { ...shown, ...tls, mode: 'require' } } });
    },
    { timeout: 240_000 },
  );
  after(async () => {
    await cluster?.stop();
    made?.remove();
  });

  /** The section that the page has for the first restart. */
  function shownAccept(): object {
    const text = readFileSync(page, 'utf8').split('### A running cluster')[1] ?? '';
    const { nodes: section } = parse(/```yaml\n([\s\S]*?)```/.exec(text)![1]!);
    assert.equal(section.tls.mode, 'accept');
    return section.tls;
  }

  async function start(name: string, mode: Mode): Promise<Node> {
    const isGate = name === 'gate';
    const node = await cluster.node(name, {
      ...{ file: files.get(mode)!, address: addresses.get(name)! },
      ...(isGate ? { roles: 'gateway', flags: ['--hunt', sampleHuntFile] } : {}),
    });
    nodes.set(name, node);
    const isThere = () => node.exited || node.log.includes('"message":"joined"');
    await node.until(isThere, 'joins', deadlineMs);
    assert.ok(!node.exited, node.log);
    return node;
  }

  /** Every partition has an owner and a standby that report. */
  async function isWhole(): Promise<boolean> {
    const argv = ['cluster', 'status', '--json', '--cluster', files.get('off')!];
    const { output } = await huntInProcess(argv, { columns: 80 });
    const rows: { standby: string | null; cost: number | null; standbyLag: number | null }[] =
      JSON.parse(output).partitions;
    return rows.every((row) => row.standby && row.cost !== null && row.standbyLag !== null);
  }

  async function restart(name: string, mode: Mode): Promise<Node> {
    await nodes.get(name)!.kill('SIGTERM');
    const node = await start(name, mode);
    await node.until(isWhole, 'is stood by for', deadlineMs);
    return node;
  }

  /** Of what nodes were asked since they were started. */
  async function connections(mode: Mode): Promise<Record<'plain' | 'tls', number>> {
    const sum = { plain: 0, tls: 0 };
    for (const address of addresses.values()) {
      const text = await metricsAt(address, mode !== 'off');
      assert.match(text, new RegExp(`hunt_node_encryption_state{mode="${mode}"} 1\n`));
      for (const way of ['plain', 'tls'] as const) {
        const row = new RegExp(`hunt_node_connections_total{encryption="${way}"} (\\d+)`);
        sum[way] += Number(row.exec(text)![1]);
      }
    }
    return sum;
  }

  function metricsAt(address: string, isSecure: boolean): Promise<string> {
    return new Promise((resolve, reject) => {
      const call = isSecure
        ? getSecure(`https://${address}/metrics`, { ca: made.ca.cert, agent: false })
        : getPlain(`http://${address}/metrics`, { agent: false });
      call.once('error', reject).once('response', async (response) => {
        const chunks = await response.setEncoding('utf8').toArray();
        resolve(chunks.join(''));
      });
    });
  }

  const saidOf = (what: RegExp) =>
    [...nodes.values()].flatMap(({ log }) => log.split('\n').filter((line) => what.test(line)));

  /** Who cannot be among the nodes as they are now. */
  async function isRefused(mode: Mode): Promise<void> {
    const stranger = await cluster.node('stranger', { file: files.get(mode)! });
    const { id, message } = await stranger.refusal(deadlineMs);
    assert.equal(id, 'preflight-nodes-unlike', message);
    assert.match(message, /Set nodes\.tls\.mode to accept here/);
  }

  test('there and back: nothing is refused, and what nodes ask each other is encrypted from the first restart on', {
    timeout: 300_000,
  }, async () => {
    for (const name of addresses.keys()) await start(name, 'off');
    const urlOf = async () => (await nodes.get('gate')!.ready(deadlineMs)).url;
    const crowd = await Crowd.join(await urlOf());
    await isRefused('require');
    const seen: Record<string, Record<'plain' | 'tls', number>> = {};
    for (const [step, mode] of (['accept', 'require', 'accept', 'off'] as const).entries()) {
      const stop = crowd.play(await urlOf());
      for (const name of ['left', 'right']) await restart(name, mode);
      await stop();
      // There is one gateway: while it is away nobody plays.
      const before = { ...crowd.counts };
      await restart('gate', mode);
      const stopAgain = crowd.play(await urlOf());
      await nodes
        .get('gate')!
        .until(
          () =>
            crowd.counts.decided >= before.decided + 20 && crowd.counts.read >= before.read + 20,
          'players go on',
          deadlineMs,
        );
      await stopAgain();
      seen[`${step} ${mode}`] = await connections(mode);
      assert.deepEqual(crowd.failures, [], `${step} ${mode}`);
      const warned = saidOf(/preflight-nodes-accept/).length;
      assert.equal(warned, mode === 'accept' ? nodes.size : 0);
      if (mode !== 'off') {
        assert.deepEqual(saidOf(/engine-node-(tls|caller)/), [], `${step} ${mode}`);
      }
      if (mode === 'require') await isRefused('off');
    }
    const at = (step: string) => seen[step]!;
    // The first that accept are asked by those before them.
    assert.ok(at('0 accept').tls > 0 && at('0 accept').plain > 0, JSON.stringify(seen));
    for (const step of ['1 require', '2 accept']) {
      assert.ok(at(step).tls > 0 && at(step).plain === 0, JSON.stringify(seen));
    }
    assert.ok(at('3 off').plain > 0 && at('3 off').tls === 0, JSON.stringify(seen));
  });
});

/** Players who give wrong answers and look how far they are, one after the other; nothing is tried again. */
class Crowd {
  readonly failures: string[] = [];
  readonly counts = { decided: 0, read: 0 };
  readonly #tokens: readonly string[];

  private constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  static async join(baseUrl: string): Promise<Crowd> {
    const joined = Array.from({ length: teams }, async (_, index) => {
      const player = createPlayerClient({ baseUrl, hunt: 'city-lights' });
      await player.join({ name: 'Ada', team: { name: `Team ${index}` } });
      return player.token!;
    });
    return new Crowd(await Promise.all(joined));
  }

  /** Until the function it returns is called, which waits for what is under way. */
  play(baseUrl: string): () => Promise<void> {
    let isOver = false;
    const going = this.#tokens.map(async (token) => {
      const retry = { attemptsMax: 1 };
      const player = createPlayerClient({ baseUrl, hunt: 'city-lights', token, retry });
      while (!isOver) {
        await this.#act(player).catch((error: Error) => this.failures.push(error.message));
        await pause(pauseMs);
      }
    });
    return async () => {
      isOver = true;
      await Promise.all(going);
    };
  }

  async #act(player: PlayerClient): Promise<void> {
    const answer = { type: 'submit-answer', step: 'gate', answer: 'no idea' } as const;
    const { status } = await player.submit(answer);
    if (status !== 'accepted' && status !== 'rejected') this.failures.push(status);
    this.counts.decided += 1;
    await player.me();
    this.counts.read += 1;
  }
}
