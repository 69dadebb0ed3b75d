import { setTimeout as pause } from 'node:timers/promises';
import { SeededRandom } from 'veltrix/simulator';
import { type ChaosHunt, chaosHunt } from '../../crowd/chaos-hunt.ts';
import { DropBell } from '../../crowd/drop-bell.ts';
import type { PlayerPlace } from '../../crowd/patient-player.ts';
import { playHunt } from '../../crowd/play-hunt.ts';
import { publishHunt } from '../../crowd/publish-hunt.ts';
import { type CrowdCurve, teamsPerSecond } from './crowd-curve.ts';

export interface ArrivingCrowdOptions extends PlayerPlace {
  readonly seed: number;
  readonly organiserKey: string;
  readonly curve: CrowdCurve;
  /** So many teams may play at the same time; more that come are turned away, and counted. */
  readonly teamsMost: number;
  /** Aborts when nobody is to come any more. */
  readonly stop: AbortSignal;
}

/** Who is due this long ago did not come: this process did not run. */
const sleptMs = 2_000;
/** A new hunt is published this often; who comes plays the newest. */
const huntEveryMs = 20_000;

/** Teams that come whether those before them were answered or not, more and fewer of them by a curve. */
export class ArrivingCrowd {
  readonly hunts: ChaosHunt[] = [];
  readonly counts = { came: 0, turnedAway: 0, playing: 0, playingMost: 0 };
  readonly #options: ArrivingCrowdOptions;
  readonly #playing = new Set<Promise<void>>();
  #startedAt = 0;

  constructor(options: ArrivingCrowdOptions) {
    this.#options = options;
  }

  /** Resolves when the curve is over, or it was told to stop. */
  async arrive(): Promise<void> {
    const { seed, curve, stop, teamsMost } = this.#options;
    const random = new SeededRandom(seed, 1);
    const playing = this.#playing;
    let round = await this.#nextRound(1);
    let publishing: Promise<void> | undefined;
    this.#startedAt = performance.now();
    const elapsed = () => performance.now() - this.#startedAt;
    let dueMs = 0;
    while (round !== undefined && !stop.aborted) {
      // Gaps of a Poisson process: who comes late because this process was busy is caught up with.
      dueMs += (-Math.log(1 - random.next()) / teamsPerSecond(curve, dueMs)) * 1_000;
      if (dueMs > curve.durationMs) break;
      if (dueMs > elapsed()) {
        await pause(dueMs - elapsed(), undefined, { signal: stop }).catch(() => {});
      }
      if (stop.aborted) break;
      const lateMs = elapsed() - dueMs;
      if (lateMs > sleptMs) this.#startedAt += lateMs;
      if (playing.size >= teamsMost) {
        this.counts.turnedAway += 1;
        continue;
      }
      if (performance.now() - round.at > huntEveryMs && publishing === undefined) {
        publishing = this.#nextRound(this.hunts.length + 1).then((next) => {
          round = next ?? round;
          publishing = undefined;
        });
      }
      const { hunt, bell } = round;
      const at = this.counts.came++;
      const team = playHunt(hunt, bell, this.#options, new SeededRandom(seed, 10_000 + at), at);
      playing.add(team);
      const over = () => {
        playing.delete(team);
        this.counts.playing = playing.size;
      };
      team.then(over, over);
      this.counts.playing = playing.size;
      this.counts.playingMost = Math.max(this.counts.playingMost, playing.size);
    }
    await publishing;
  }

  /** Resolves when everybody who came has all answers, or has given up. */
  async answered(): Promise<void> {
    await Promise.all(this.#playing);
  }

  /** Teams that come in a second by now, by the curve. */
  get rate(): number {
    if (this.#startedAt === 0) return 0;
    return teamsPerSecond(this.#options.curve, performance.now() - this.#startedAt);
  }

  async #nextRound(number: number) {
    const { seed, organiserKey, stop } = this.#options;
    const hunt = chaosHunt(seed, number);
    if (!(await publishHunt(hunt, this.#options, organiserKey))) return undefined;
    this.hunts.push(hunt);
    return { hunt, bell: new DropBell(hunt.drops, stop), at: performance.now() };
  }
}
