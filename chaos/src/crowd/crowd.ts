import { SeededRandom } from 'veltrix/simulator';
import { type ChaosHunt, chaosHunt } from './chaos-hunt.ts';
import { DropBell } from './drop-bell.ts';
import type { PlayerPlace } from './patient-player.ts';
import { playHunt } from './play-hunt.ts';
import { publishHunt } from './publish-hunt.ts';

export interface CrowdOptions extends PlayerPlace {
  readonly seed: number;
  readonly organiserKey: string;
  readonly players: number;
  /** Aborts when no round is to be begun any more. */
  readonly stop: AbortSignal;
}

/** Players at all moments: each joins, solves, and comes when a treasure drops; then the next round begins. */
export class Crowd {
  readonly hunts: ChaosHunt[] = [];
  readonly #options: CrowdOptions;

  constructor(options: CrowdOptions) {
    this.#options = options;
  }

  /** Rounds until it is told to stop; resolves when everybody has all answers, or has given up. */
  async play(): Promise<void> {
    const { stop, giveUp } = this.#options;
    for (let round = 1; !stop.aborted && !giveUp.aborted; round++) {
      const hunt = chaosHunt(this.#options.seed, round);
      if (!(await publishHunt(hunt, this.#options, this.#options.organiserKey))) return;
      this.hunts.push(hunt);
      await this.#round(hunt, round);
    }
  }

  async #round(hunt: ChaosHunt, round: number): Promise<void> {
    const { players, seed } = this.#options;
    const drops = new DropBell(hunt.drops, this.#options.stop);
    await Promise.all(
      Array.from({ length: players }, (_, index) =>
        playHunt(hunt, drops, this.#options, new SeededRandom(seed, round * 10_000 + index), index),
      ),
    );
  }
}
