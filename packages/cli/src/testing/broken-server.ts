import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Breakage, breakageModule } from '@hunt/engine/testing/breakages';
import { createPlayerClient, type PlayerClient } from '@hunt/sdk';
import { sampleHuntFile } from './sample-hunt.ts';
import { type LogLine, ServeProcess } from './serve-process.ts';

/** How a server is broken on purpose, and what it is given otherwise. */
export interface BrokenServerPlan {
  /** As `--set` takes them. */
  readonly settings?: readonly string[];
  readonly partitions?: number;
  readonly breakage?: Breakage;
  /** Options of Node. */
  readonly nodeOptions?: string;
}

interface Crowd {
  readonly teams: number;
  /** Commands of a team that wait for their answer, or reads. */
  readonly atOnce?: number;
  /** Between an answer and the next command. */
  readonly pauseMs?: number;
  /** They ask how they stand instead of sending answers. */
  readonly reads?: boolean;
}

/** The whole test is one address, and a player may send as much as there is to. */
const crowdSettings = [
  'gateway.joinRatePerSecond=100000',
  'gateway.joinBurst=100000',
  'gateway.playerRatePerSecond=100000',
  'gateway.playerBurst=100000',
];

/** A `hunt serve` with the sample hunt in a process of its own, broken on purpose, and who plays there. */
export class BrokenServer {
  readonly url: string;
  readonly data: string;
  readonly #process: ServeProcess;
  readonly #directory: string;
  #isOver = false;
  #playing: readonly Promise<void>[] = [];

  private constructor(process: ServeProcess, directory: string, url: string) {
    this.#process = process;
    this.#directory = directory;
    this.url = url;
    this.data = path.join(directory, 'data');
  }

  static async start(brokenPlan: BrokenServerPlan): Promise<BrokenServer> {
    const { settings = [], partitions = 1, breakage, nodeOptions = '' } = brokenPlan;
    const directory = mkdtempSync(path.join(tmpdir(), 'hunt-broken-'));
    const place = ['--data', path.join(directory, 'data'), '--port', '0', '--json'];
    const plan = ['--partitions', String(partitions), '--hunt', sampleHuntFile];
    const set = [...crowdSettings, ...settings].flatMap((setting) => ['--set', setting]);
    const preload = breakage === undefined ? '' : `--import=${breakageModule(breakage)}`;
    const environment = { NODE_OPTIONS: `${nodeOptions} ${preload}` };
    const server = new ServeProcess([...place, ...plan, ...set], environment);
    return new BrokenServer(server, directory, await server.url());
  }

  /**
   * So many teams of one player each send wrong answers, one after another and as many at once as told, until the
   * server is stopped. What comes of them is not looked at. Resolves with the players once they have begun.
   */
  async play(crowd: Crowd): Promise<readonly PlayerClient[]> {
    const { teams, atOnce = 1, pauseMs = 1, reads = false } = crowd;
    const players: PlayerClient[] = [];
    for (let team = 0; team < teams; team++) {
      const options = { baseUrl: this.url, hunt: 'city-lights', retry: { attemptsMax: 1 } };
      const player = createPlayerClient(options);
      await player.join({ name: 'Ada', team: { name: `Team ${team}` } });
      players.push(player);
    }
    this.#playing = players.flatMap((player) =>
      Array.from({ length: atOnce }, () => this.#ask(player, reads, pauseMs)),
    );
    return players;
  }

  async #ask(player: PlayerClient, reads: boolean, pauseMs: number): Promise<void> {
    const wrong = { type: 'submit-answer', step: 'gate', answer: 'no idea' } as const;
    while (!this.#isOver) {
      const signal = AbortSignal.timeout(10_000);
      const asking = reads ? player.me(signal) : player.submit(wrong, { signal });
      await asking.catch(() => {});
      // Who is refused at once would not let anything else happen here.
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  /** The next line of its log with the message. */
  said<Hunt>(message: string): Promise<LogLine<Hunt>> {
    return this.#process.said(message);
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#process.kill();
    await Promise.all(this.#playing);
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
