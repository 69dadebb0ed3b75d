import { setTimeout as pause } from 'node:timers/promises';
import { createPlayerClient, type PlayerClient } from '@hunt/sdk';

export interface StreamOptions {
  readonly url: string;
  /** Teams of one player each, spread over the partitions by their ids. */
  readonly teams: number;
  /** Single commands a second, whatever comes of those before. */
  readonly perSecond: number;
}

/** What came of one command. */
export interface StreamAnswer {
  /** When it was due, and when it was answered, on the clock of `performance.now`. */
  readonly dueAt: number;
  readonly answeredAt: number;
  /** Why it was not decided; undefined when it was. */
  readonly failure: string | undefined;
}

const publishedMs = 60_000;
const publishedLookMs = 50;
const joinsAtOnce = 16;
const answerTimeoutMs = 60_000;
/** What was due longer ago than this was kept up by this process, and is left out. */
const lateMaxMs = 1_000;
const unansweredMax = 10_000;

/** Players of the sample hunt who go on giving wrong answers, one after another, and are never tried again. */
export class SteadyStream {
  readonly answers: StreamAnswer[] = [];
  /** Commands that were not sent because this process did not get to it. */
  skipped = 0;
  readonly #players: readonly PlayerClient[];
  readonly #perSecond: number;
  readonly #waiting = new Set<Promise<void>>();
  readonly #sending: Promise<void>;
  #isOver = false;

  private constructor(players: readonly PlayerClient[], perSecond: number) {
    this.#players = players;
    this.#perSecond = perSecond;
    this.#sending = this.#send();
  }

  /** Resolves when all have joined and the first command is on its way. */
  static async start({ url, teams, perSecond }: StreamOptions): Promise<SteadyStream> {
    await untilPublished(url);
    const players: PlayerClient[] = [];
    while (players.length < teams) {
      const group = Array.from({ length: Math.min(joinsAtOnce, teams - players.length) }, () =>
        createPlayerClient({ baseUrl: url, hunt: 'city-lights', retry: { attemptsMax: 1 } }),
      );
      const first = players.length;
      const join = (player: PlayerClient, index: number) =>
        player.join({ name: 'Ada', team: { name: `Steady ${first + index}` } });
      await Promise.all(group.map(join));
      players.push(...group);
    }
    return new SteadyStream(players, perSecond);
  }

  async #send(): Promise<void> {
    const start = performance.now();
    for (let sent = 0; !this.#isOver; ) {
      const dueAt = start + (sent / this.#perSecond) * 1_000;
      if (dueAt > performance.now()) {
        await pause(1);
        continue;
      }
      const lateMs = performance.now() - dueAt;
      if (lateMs > lateMaxMs) {
        const missed = Math.floor((lateMs / 1_000) * this.#perSecond);
        this.skipped += missed;
        sent += missed;
        continue;
      }
      if (this.#waiting.size >= unansweredMax) {
        this.answers.push({ dueAt, answeredAt: performance.now(), failure: 'unanswered-max' });
        sent += 1;
        continue;
      }
      const player = this.#players[sent % this.#players.length]!;
      const answered: Promise<void> = this.#ask(player, dueAt).finally(() =>
        this.#waiting.delete(answered),
      );
      this.#waiting.add(answered);
      sent += 1;
    }
  }

  async #ask(player: PlayerClient, dueAt: number): Promise<void> {
    let failure: string | undefined;
    try {
      const answer = { type: 'submit-answer', step: 'gate', answer: 'no idea' } as const;
      const signal = AbortSignal.timeout(answerTimeoutMs);
      const { status } = await player.submit(answer, { signal });
      if (status !== 'accepted' && status !== 'rejected') failure = status;
    } catch (error) {
      failure = (error as { code?: string }).code ?? String(error);
    }
    this.answers.push({ dueAt, answeredAt: performance.now(), failure });
  }

  get failures(): string[] {
    return this.answers.flatMap(({ failure }) => failure ?? []);
  }

  /** The longest wait for an answer of those due in a time, in milliseconds; 0 without any. */
  longestIn(from: number, to: number): number {
    const within = this.answers.filter(({ dueAt }) => dueAt >= from && dueAt < to);
    return within.reduce((most, { dueAt, answeredAt }) => Math.max(most, answeredAt - dueAt), 0);
  }

  /** Resolves when all that was sent by now is answered. */
  async answered(): Promise<void> {
    await Promise.all(this.#waiting);
  }

  /** Sends nothing more, and resolves when all is answered. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#sending;
    await Promise.all(this.#waiting);
  }
}

/** A node is ready before it has published its hunts: that takes owners. */
async function untilPublished(url: string): Promise<void> {
  const until = performance.now() + publishedMs;
  while (!(await fetch(`${url}/v1/hunts/city-lights`)).ok) {
    if (performance.now() > until) throw new Error(`the sample hunt was not published at ${url}`);
    await pause(publishedLookMs);
  }
}
