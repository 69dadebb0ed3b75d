import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { createOrganiserClient } from '@hunt/sdk';
import { SeededRandom } from 'veltrix/simulator';
import { type ChaosHunt, chaosHunt, type Drop } from './chaos-hunt.ts';
import { PatientPlayer, type PlayerPlace } from './patient-player.ts';

export interface CrowdOptions extends PlayerPlace {
  readonly seed: number;
  readonly organiserKey: string;
  readonly players: number;
  /** Aborts when no round is to be begun any more. */
  readonly stop: AbortSignal;
}

const thinkMostMs = 250;
const dropEveryMs = 1_500;
/** Nobody waits for the start of a drop longer than this. */
const publishPauseMs = 500;

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
      if (!(await this.#publish(hunt))) return;
      this.hunts.push(hunt);
      await this.#round(hunt, round);
    }
  }

  async #publish(hunt: ChaosHunt): Promise<boolean> {
    const { gatewayUrls, organiserKey, ledger, giveUp } = this.#options;
    for (let attempt = 0; !giveUp.aborted; attempt++) {
      const baseUrl = gatewayUrls[attempt % gatewayUrls.length]!;
      const organiser = createOrganiserClient({ baseUrl, key: organiserKey });
      try {
        await organiser.publish(hunt.source, giveUp);
        return true;
      } catch (error) {
        if (!giveUp.aborted)
          ledger.trouble(`publish: ${String((error as { code?: string }).code)}`);
        await pause(publishPauseMs);
      }
    }
    return false;
  }

  async #round(hunt: ChaosHunt, round: number): Promise<void> {
    const { players, seed } = this.#options;
    const drops = new DropBell(hunt.drops, this.#options.stop);
    await Promise.all(
      Array.from({ length: players }, (_, index) =>
        this.#player(hunt, drops, new SeededRandom(seed, round * 10_000 + index), index),
      ),
    );
  }

  async #player(hunt: ChaosHunt, drops: DropBell, random: SeededRandom, at: number): Promise<void> {
    const name = `p${at}`;
    const team = { name, team: { name: `${name} ${randomUUID()}` } };
    const isRepeated = () => random.chance(0.3);
    const player = await PatientPlayer.join(hunt.id, this.#options, team, at, isRepeated());
    if (player === undefined) return;
    const { joinCode } = player;
    if (joinCode !== undefined && random.chance(0.3)) {
      const mate = { name, team: { joinCode } };
      await PatientPlayer.join(hunt.id, this.#options, mate, at, isRepeated());
    }
    await Promise.all([
      this.#solve(hunt, player, random),
      ...hunt.drops.map((drop, number) => this.#claim(drop, drops.rings(number), player)),
    ]);
  }

  async #solve(hunt: ChaosHunt, player: PatientPlayer, random: SeededRandom): Promise<void> {
    const { giveUp } = this.#options;
    for (const { id: step, answer } of hunt.steps) {
      const think = () =>
        pause(random.between(0, thinkMostMs), undefined, { signal: giveUp }).catch(() => {});
      if (random.chance(0.3)) await player.submit({ type: 'take-hint', step, hint: 1 });
      for (let wrong = random.between(0, 2); wrong > 0; wrong--) {
        await think();
        await player.submit({ type: 'submit-answer', step, answer: `not ${wrong}` });
      }
      await think();
      const right = { type: 'submit-answer', step, answer } as const;
      if (random.chance(0.2)) await player.submitTwice(right);
      else await player.submit(right);
      // Once solved it is refused, and costs nothing.
      if (random.chance(0.1)) await player.submit(right);
      if (giveUp.aborted) return;
    }
  }

  /** Everybody claims at the same moment, and half of those who have a reservation collect it. */
  async #claim(drop: Drop, rung: Promise<void>, player: PatientPlayer): Promise<void> {
    await rung;
    const treasure = drop.id;
    const claimed = await player.submitTwice({ type: 'claim-treasure', treasure });
    if (claimed?.outcome !== 'reserved' || player.team < '8') return;
    await player.submit({ type: 'collect-treasure', treasure });
  }
}

/** Rings for one treasure after the other, and for the rest at once when it is time to stop. */
class DropBell {
  readonly #bells: readonly PromiseWithResolvers<void>[];

  constructor(drops: readonly Drop[], stop: AbortSignal) {
    this.#bells = drops.map(() => Promise.withResolvers<void>());
    void this.#ring(stop);
  }

  async #ring(stop: AbortSignal): Promise<void> {
    for (const bell of this.#bells) {
      await pause(dropEveryMs, undefined, { signal: stop }).catch(() => {});
      bell.resolve();
    }
  }

  rings(number: number): Promise<void> {
    return this.#bells[number]!.promise;
  }
}
