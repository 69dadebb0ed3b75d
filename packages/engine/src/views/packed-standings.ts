import { idToHex } from '@hunt/rules';
import type { StandingSeed } from './views.ts';

/** A team as it lies in the state: numbers only. */
export interface PackedStanding extends Omit<StandingSeed, 'huntId' | 'teamId'> {
  readonly huntLow: number;
  readonly huntHigh: number;
  readonly teamLow: number;
  readonly teamHigh: number;
}

const numbersPerTeam = 10;

/**
 * Standings of many teams in one buffer, ten numbers each, so that they cross from one thread to
 * another without an object per team: with 130,000 teams that is 0.2 s of a start.
 */
export class StandingsPacker {
  #numbers = new Float64Array(numbersPerTeam * 1_024);
  #used = 0;

  add(team: PackedStanding): void {
    if (this.#used + numbersPerTeam > this.#numbers.length) {
      const grown = new Float64Array(this.#numbers.length * 2);
      grown.set(this.#numbers);
      this.#numbers = grown;
    }
    const numbers = this.#numbers;
    const at = this.#used;
    numbers[at] = team.huntLow;
    numbers[at + 1] = team.huntHigh;
    numbers[at + 2] = team.teamLow;
    numbers[at + 3] = team.teamHigh;
    numbers[at + 4] = team.points;
    numbers[at + 5] = team.penaltySeconds;
    numbers[at + 6] = team.lastScoreAt;
    numbers[at + 7] = team.solved;
    numbers[at + 8] = team.wrong;
    numbers[at + 9] = team.granted;
    this.#used += numbersPerTeam;
  }

  /** What was added; the buffer behind it may be handed over. */
  packed(): Float64Array<ArrayBuffer> {
    return this.#numbers.subarray(0, this.#used);
  }
}

/** Packed standings as they were added. */
export function unpackStandings(numbers: Float64Array): Iterable<StandingSeed> {
  return { [Symbol.iterator]: () => walk(numbers) };
}

function* walk(numbers: Float64Array): Generator<StandingSeed> {
  for (let at = 0; at < numbers.length; at += numbersPerTeam) {
    yield {
      huntId: idToHex(numbers[at]!, numbers[at + 1]!),
      teamId: idToHex(numbers[at + 2]!, numbers[at + 3]!),
      points: numbers[at + 4]!,
      penaltySeconds: numbers[at + 5]!,
      lastScoreAt: numbers[at + 6]!,
      solved: numbers[at + 7]!,
      wrong: numbers[at + 8]!,
      granted: numbers[at + 9]!,
    };
  }
}
