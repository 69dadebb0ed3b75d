import { eventType } from '@hunt/rules';
import type { Standing } from '../views.ts';
import { SeededNumbers } from './seeded-numbers.ts';
import type { WrittenEvent } from './written-decisions.ts';

type Row = { -readonly [Key in keyof Standing]: Standing[Key] };

/** Standings made the plain way, and a stream of random events for them: what views are compared with. */
export class NaiveStandings {
  readonly #hunt: string;
  readonly #ties: 'last-score' | 'penalty';
  readonly #teams: Row[] = [];
  readonly #numbers: SeededNumbers;

  constructor(hunt: string, ties: 'last-score' | 'penalty', seed = 1) {
    this.#hunt = hunt;
    this.#ties = ties;
    this.#numbers = new SeededNumbers(seed);
  }

  /** One to three events, already counted here. Few distinct values, so that many teams are equal. */
  nextEvents(): WrittenEvent[] {
    return Array.from({ length: 1 + this.#numbers.below(3) }, () => this.#nextEvent());
  }

  standings(): Standing[] {
    const rows = [...this.#teams].sort((one, other) => {
      const order = this.#compare(one, other);
      return order !== 0 ? order : one.teamId < other.teamId ? -1 : 1;
    });
    for (const [position, row] of rows.entries()) {
      const previous = rows[position - 1];
      row.rank = previous && this.#compare(previous, row) === 0 ? previous.rank : position + 1;
    }
    return rows.map((row) => ({ ...row }));
  }

  #compare(one: Row, other: Row): number {
    const tie = this.#ties === 'penalty' ? 'penaltySeconds' : 'lastScoreAt';
    return other.points - one.points || one[tie] - other[tie];
  }

  #nextEvent(): WrittenEvent {
    if (this.#teams.length === 0 || this.#numbers.below(4) === 0) return this.#register();
    const row = this.#teams[this.#numbers.below(this.#teams.length)]!;
    const about = { hunt: this.#hunt, team: row.teamId, value: this.#numbers.below(4) };
    const kind = this.#numbers.below(5);
    if (kind === 0) {
      row.points -= about.value;
      return { ...about, type: eventType.answerRejected };
    }
    if (kind === 1) {
      row.points -= about.value;
      return { ...about, type: eventType.hintTaken };
    }
    const at = this.#numbers.below(20) * 1000;
    row.points += about.value;
    row.lastScoreAt = Math.max(row.lastScoreAt, at);
    if (kind === 2) return { ...about, type: eventType.bonusGranted, at };
    const penaltySeconds = this.#numbers.below(3) * 60;
    row.penaltySeconds += penaltySeconds;
    row.solved += 1;
    return { ...about, type: eventType.stepSolved, at, penaltySeconds };
  }

  #register(): WrittenEvent {
    const words = [this.#numbers.next(), this.#numbers.next()];
    const teamId = words.map((word) => word.toString(16).padStart(8, '0')).join('');
    const known = this.#teams.some((row) => row.teamId === teamId);
    if (!known) {
      const none = { points: 0, penaltySeconds: 0, lastScoreAt: 0, solved: 0 };
      this.#teams.push({ rank: 0, teamId, ...none });
    }
    return { type: eventType.teamRegistered, hunt: this.#hunt, team: teamId };
  }
}
