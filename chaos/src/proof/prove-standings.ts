import type { StandingRow } from '@hunt/sdk';
import { type ChaosHunt, scores } from '../crowd/chaos-hunt.ts';
import type { Ledger } from '../crowd/ledger.ts';
import type { DecidedLog, PlacedEvent } from './decided-log.ts';
import type { Findings } from './findings.ts';
import { eventTypes } from './outcome-words.ts';

/** A team's place by the events alone. */
interface TeamScore {
  points: number;
  bonus: number;
  solved: number;
  /** Milliseconds since the epoch. */
  lastScoreAt: number;
  readonly seen: Set<string>;
}

/** By team, for one hunt. */
export type Scores = ReadonlyMap<string, TeamScore>;

/** Adds up what each team has; a step that is solved twice, or a hint that is paid twice, is a finding. */
export function foldScores(hunt: string, log: DecidedLog, findings: Findings): Scores {
  const teams = new Map<string, TeamScore>();
  for (const event of log.events) {
    if (event.hunt !== hunt) continue;
    if (event.type === eventTypes.teamRegistered) {
      if (teams.has(event.team)) findings.add('repeated', `team ${event.team} is registered twice`);
      const none = { points: 0, bonus: 0, solved: 0, lastScoreAt: 0, seen: new Set<string>() };
      teams.set(event.team, none);
      continue;
    }
    const team = teams.get(event.team);
    if (team !== undefined) score(team, event, findings);
  }
  return teams;
}

function score(team: TeamScore, event: PlacedEvent, findings: Findings): void {
  const { type, item, detail, value } = event;
  const once = (what: string) => {
    const key = `${what} ${item} ${detail}`;
    if (team.seen.has(key)) findings.add('repeated', `team ${event.team}: ${key} counts twice`);
    team.seen.add(key);
  };
  switch (type) {
    case eventTypes.stepSolved:
      once('step');
      team.points += value;
      team.solved += 1;
      team.lastScoreAt = Math.max(team.lastScoreAt, timeOf(event));
      return;
    case eventTypes.bonusGranted:
      once('bonus');
      team.points += value;
      team.bonus += value;
      team.lastScoreAt = Math.max(team.lastScoreAt, timeOf(event));
      return;
    case eventTypes.hintTaken:
      once('hint');
      team.points -= value;
      return;
    case eventTypes.answerRejected:
      team.points -= value;
  }
}

/** When a score was earned: behind the first 8 of its extra bytes. */
function timeOf({ payload }: PlacedEvent): number {
  return payload.getFloat64(40, true);
}

/** What differs between the fold and what the API shows; empty when nothing does. */
export function compareStandings(scored: Scores, rows: readonly StandingRow[]): string[] {
  const differences: string[] = [];
  const better = (one: TeamScore, other: TeamScore) =>
    one.points > other.points ||
    (one.points === other.points && one.lastScoreAt < other.lastScoreAt);
  const all = [...scored.values()];
  if (rows.length !== scored.size) differences.push(`${rows.length} of ${scored.size} teams`);
  for (const { team, rank, points, solved } of rows) {
    const mine = scored.get(team);
    if (mine === undefined) {
      differences.push(`team ${team} is not in the log`);
      continue;
    }
    const wanted = 1 + all.filter((other) => better(other, mine)).length;
    if (points === mine.points && solved === mine.solved && rank === wanted) continue;
    const shown = `rank ${rank}, ${points} points, ${solved} solved`;
    differences.push(
      `team ${team}: ${shown}; the log has rank ${wanted}, ${mine.points}, ${mine.solved}`,
    );
  }
  return differences;
}

/** The points that clients were told of, added up by hand, are what the log comes to. */
export function proveLedgerScores(
  hunt: ChaosHunt,
  scored: Scores,
  ledger: Ledger,
  findings: Findings,
): void {
  const told = new Map<string, number>();
  for (const { hunt: id, team, command, outcome } of ledger.entries.values()) {
    if (id !== hunt.id || !('step' in command)) continue;
    const step = hunt.steps.findIndex((one) => one.id === command.step);
    const change =
      outcome === 'solved'
        ? scores.points[step]!
        : outcome === 'wrong'
          ? -scores.wrongDeducts
          : outcome === 'hint-taken'
            ? -scores.hintCost
            : 0;
    told.set(team, (told.get(team) ?? 0) + change);
  }
  for (const [team, points] of told) {
    if (ledger.inDoubt.has(team)) continue;
    const { points: all = 0, bonus = 0 } = scored.get(team) ?? {};
    if (all - bonus === points) continue;
    findings.add('lost', `team ${team} was told ${points} points; the log has ${all - bonus}`);
  }
}
