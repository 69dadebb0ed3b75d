import { eventType, huntLimits, idToHex, subject } from '@hunt/rules';
import { forEachTeam, type HuntTables, queryTeam } from '@hunt/rules/fold';
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

  /** Takes over what every team had solved and bought before the proof begins. */
  begin(tables: HuntTables): void {
    forEachTeam(tables, ({ id }, row) => {
      const team = { low: tables.team(row, 0), high: tables.team(row, 1) };
      const marks = this.#marksOf(idToHex(id.low, id.high), idToHex(team.low, team.high));
      for (const [step, { solved, hints }] of (
        queryTeam(tables, id, team)?.steps ?? []
      ).entries()) {
        if (solved) marks[huntLimits.steps + step] = 1;
        for (const hint of hints) marks[step]! |= 1 << hint;
      }
    });
  }

  /** @param offset of the event's record. */
  check(event: EventView, offset: number): void {
    if (event.type !== eventType.stepSolved && event.type !== eventType.hintTaken) return;
    const { view, payloadStart } = event;
    const step = subject.item(view, payloadStart);
    const hunt = idToHex(subject.huntLow(view, payloadStart), subject.huntHigh(view, payloadStart));
    const team = idToHex(subject.teamLow(view, payloadStart), subject.teamHigh(view, payloadStart));
    const marks = this.#marksOf(hunt, team);
    const solving = event.type === eventType.stepSolved;
    const place = solving ? huntLimits.steps + step : step;
    const mark = solving ? 1 : 1 << subject.detail(view, payloadStart);
    if ((marks[place]! & mark) !== 0) {
      const what = solving ? 'scored twice' : 'charged twice for a hint';
      this.#violations.add(offset, 'scored-once', `team ${team} is ${what} at step ${step}`);
    }
    marks[place] = marks[place]! | mark;
  }

  #marksOf(hunt: string, team: string): Uint8Array {
    const teams = this.#marksByHunt.get(hunt) ?? new Map<string, Uint8Array>();
    const marks = teams.get(team) ?? new Uint8Array(marksBytes);
    this.#marksByHunt.set(hunt, teams);
    teams.set(team, marks);
    return marks;
  }
}
