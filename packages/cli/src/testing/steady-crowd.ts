import { setTimeout as pause } from 'node:timers/promises';
import { createPlayerClient, type PlayerClient } from '@hunt/sdk';

/** Ids of commands whose outcome was told, and what went wrong with others. */
interface Told {
  readonly solved: string[];
  readonly failed: string[];
}

const pauseMs = 20;

/**
 * Team after team joins the sample hunt and solves its first step, each command sent once. For as long as
 * it goes on, somebody waits for an outcome.
 */
export class SteadyCrowd implements Told {
  readonly solved: string[] = [];
  readonly failed: string[] = [];
  readonly #baseUrl: string;
  #asked = 0;
  #teams = 0;

  constructor(baseUrl: string) {
    this.#baseUrl = baseUrl;
  }

  /** Teams that were told that they joined. */
  get teams(): number {
    return this.#teams;
  }

  /** Teams that wanted to join; one that was not answered in time may have joined all the same. */
  get asked(): number {
    return this.#asked;
  }

  /** A player of a new team; what is refused or not answered is an error at once. */
  async join(): Promise<PlayerClient> {
    const options = { baseUrl: this.#baseUrl, hunt: 'city-lights', retry: { attemptsMax: 1 } };
    const player = createPlayerClient(options);
    await player.join({ name: 'Ada', team: { name: `Team ${++this.#asked}` } });
    this.#teams += 1;
    return player;
  }

  async solve(player: PlayerClient): Promise<void> {
    const { status, outcome, commandId } = await player.submit(firstAnswer);
    if (status === 'accepted' && outcome === 'solved') this.solved.push(commandId);
    else this.failed.push(`${status} ${outcome}`);
  }

  /** Goes on in the background until the function it returns is called, which waits for the last outcome. */
  start(): () => Promise<void> {
    let isOver = false;
    const going = (async () => {
      while (!isOver) {
        await this.join()
          .then((player) => this.solve(player))
          .catch((error: Error) => this.failed.push(error.message));
        await pause(pauseMs);
      }
    })();
    return () => {
      isOver = true;
      return going;
    };
  }
}

export const firstAnswer = { type: 'submit-answer', step: 'gate', answer: 'water' } as const;
