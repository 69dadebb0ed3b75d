import { eventType, huntLimits, idToHex, subject } from '@hunt/rules';
import type { EventView } from 'veltrix';
import type { ViolationList } from './violation-list.ts';

/** A team's marks: a byte of hints taken per step, then a byte per step when solved. */
const marksBytes = 2 * huntLimits.steps;

/** No step is scored twice for a team, no hint charged twice. Keeps its own books. */
export class ScoreChecker {
  readonly #violations: ViolationList;
  readonly #marksByHunt = new Map<string, Map<string, Uint8Array>>();

  constructor(violations: ViolationList) {
    this.#violations = violations;
  }

  /** @param offset of the event's record. */
  check(event: EventView, offset: number): void {
    if (event.type !== eventType.stepSolved && event.type !== eventType.hintTaken) return;
    const { view, payloadStart } = event;
    const step = subject.item(view, payloadStart);
    const marks = this.#marksOf(view, payloadStart);
    const solving = event.type === eventType.stepSolved;
    const place = solving ? huntLimits.steps + step : step;
    const mark = solving ? 1 : 1 << subject.detail(view, payloadStart);
    if ((marks[place]! & mark) !== 0) {
      const team = idToHex(
        subject.teamLow(view, payloadStart),
        subject.teamHigh(view, payloadStart),
      );
      const what = solving ? 'scored twice' : 'charged twice for a hint';
      this.#violations.add(offset, 'scored-once', `team ${team} is ${what} at step ${step}`);
    }
    marks[place] = marks[place]! | mark;
  }

  #marksOf(view: DataView, start: number): Uint8Array {
    const hunt = idToHex(subject.huntLow(view, start), subject.huntHigh(view, start));
    const team = idToHex(subject.teamLow(view, start), subject.teamHigh(view, start));
    const teams = this.#marksByHunt.get(hunt) ?? new Map<string, Uint8Array>();
    const marks = teams.get(team) ?? new Uint8Array(marksBytes);
    this.#marksByHunt.set(hunt, teams);
    teams.set(team, marks);
    return marks;
  }
}
